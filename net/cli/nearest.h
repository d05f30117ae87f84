#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lvs::cli {

/// The known word that somebody who typed `wrong` most likely meant: the one with the fewest edits
/// (insert, remove, replace, swap two neighbours), at most a third of its letters and never more
/// than three. Of equals the first.
std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> known);

}  // namespace lvs::cli
