#pragma once

#include <compare>
#include <cstdint>

namespace lvs {

/// The kernel's number for a network interface in one namespace. Zero is no interface.
struct LinkIndex {
  std::uint32_t number = 0;
  friend constexpr auto operator<=>(LinkIndex, LinkIndex) = default;
};

}  // namespace lvs
