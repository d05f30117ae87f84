#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "profiles/core/read/value.h"

namespace lvs::profiles::reading {

/// Why the text is not TOML, in the words of the library.
struct SyntaxError {
  Where where{};
  std::string description;
};

/// TOML text as a tree of values. The text must have passed find_too_deep(): the tree is walked by
/// recursion, here and in the library.
std::variant<Value, SyntaxError> parse_toml(std::string_view text);

}  // namespace lvs::profiles::reading
