#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "profiles/core/read.h"
#include "profiles/core/read/lines.h"

namespace lvs::profiles::reading {

/// A profile with more mistakes than this is not worth listing further.
inline constexpr std::size_t kMaxErrors = 200;

/// What is wrong with a profile, collected while it is read, and which keys were not understood:
/// the cross-checks do not judge those again.
class Errors {
 public:
  void add(Where where, std::string message, std::string hint = {});
  /// True when further errors are only counted: their hints need not be worked out.
  bool full() const { return found_.size() >= kMaxErrors; }
  /// How many were added.
  std::size_t count() const { return count_; }

  void mark_bad(Where key) { bad_.insert({key.line, key.column}); }
  bool is_bad(Where key) const { return bad_.contains({key.line, key.column}); }

  /// The errors in the order of the file, complete with their lines.
  std::vector<ProfileError> in_file_order(const Lines& lines, std::string_view file) const;

 private:
  std::vector<ProfileError> found_;
  std::size_t count_ = 0;
  std::set<std::pair<std::uint32_t, std::uint32_t>> bad_;
};

}  // namespace lvs::profiles::reading
