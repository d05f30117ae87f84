#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/core/profile.h"

namespace lvs::profiles::reading {

/// Longer lines are not shown with an error, so that a thousand errors stay small.
inline constexpr std::size_t kMaxShownLine = 512;

/// The lines of a text. Columns count characters, not bytes, as an editor does.
class Lines {
 public:
  explicit Lines(std::string_view text);

  /// The nearest position that exists in the text: columns go up to one past the line's end.
  Where clamp(Where where) const;
  /// The line's bytes without its newline.
  std::string_view line(std::uint32_t number) const;
  /// The line as it may be printed: control characters (but tabs) and broken UTF-8 become '?';
  /// empty when it is longer than kMaxShownLine.
  std::string shown(std::uint32_t number) const;

 private:
  std::vector<std::string_view> lines_;  // never empty
};

/// How many characters the text has.
std::size_t count_characters(std::string_view text);
/// The byte where character number `column` (from 1) begins, at most text.size().
std::size_t byte_of_column(std::string_view text, std::uint32_t column);
/// The text with everything that a terminal or a JSON reader would choke on as '?'; tabs stay.
std::string printable(std::string_view text);

}  // namespace lvs::profiles::reading
