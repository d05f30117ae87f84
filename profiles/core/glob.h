#pragma once

#include <string_view>

namespace lvs::profiles {

/// True when the text has a character that makes it a pattern.
constexpr bool is_glob(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

/// glob(7) for paths: `*` and `?` never match a slash. Takes at most the product of both lengths.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace lvs::profiles
