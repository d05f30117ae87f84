#include "verify/core/duration.h"

#include <charconv>
#include <cstdint>

namespace lvs::verify {
namespace {

constexpr std::int64_t kMost = 3'600'000;  // an hour, in milliseconds

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || number > kMost) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  std::int64_t factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s") factor = 1000;
  if (unit == "m") factor = 60'000;
  if (factor == 0 || number * factor > kMost) return std::nullopt;
  return std::chrono::milliseconds{number * factor};
}

}  // namespace lvs::verify
