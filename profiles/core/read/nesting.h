#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "profiles/core/profile.h"

namespace lvs::profiles::reading {

inline constexpr std::size_t kMaxBrackets = 16;  ///< lists and inline tables in each other
inline constexpr std::size_t kMaxKeyParts = 16;  ///< names in one dotted key

/// The first place where the text nests deeper than a profile ever does. Looked for before the
/// text is parsed, because parsing and freeing a tree recurse: a megabyte of "a.a.a.a" would end
/// the process.
std::optional<Where> find_too_deep(std::string_view text);

}  // namespace lvs::profiles::reading
