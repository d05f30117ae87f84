#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lvs::director::ipvsadm {

struct Range {
  std::uint32_t least = 0;
  std::uint32_t greatest = 0;
};

inline constexpr Range kTimeoutRange{0, 2678400};  ///< 31 days, in seconds
inline constexpr Range kCountRange{0, 0x7fffffff};
inline constexpr Range kPortRange{0, 65535};

/// Decimal digits and nothing else.
inline std::optional<std::uint32_t> parse_number(std::string_view text, Range range) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  if (number < range.least || number > range.greatest) return std::nullopt;
  return number;
}

}  // namespace lvs::director::ipvsadm
