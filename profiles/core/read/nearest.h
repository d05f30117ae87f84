#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace lvs::profiles::reading {

/// How many characters must be inserted, deleted, replaced or swapped with their neighbour to turn
/// one word into the other (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word that somebody who typed `word` most likely meant: at most a third of its letters
/// differ (one letter in short words), capitals aside. The earliest of equals.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known);

}  // namespace lvs::profiles::reading
