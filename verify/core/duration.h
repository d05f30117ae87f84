#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace lvs::verify {

/// "2s", "500ms", "1m": a whole number with its unit, at most an hour. Nothing else: a bare number
/// leaves the reader guessing.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace lvs::verify
