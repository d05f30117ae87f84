#pragma once

#include <compare>
#include <cstdint>

// Stable numbers that records refer to each other by. A number is never used again while a
// connection still carries it. Zero is none.

namespace lvs::director {

struct ServiceId {
  std::uint32_t number = 0;
  friend constexpr auto operator<=>(ServiceId, ServiceId) = default;
};

struct ServerId {
  std::uint32_t number = 0;
  friend constexpr auto operator<=>(ServerId, ServerId) = default;
};

/// 16 bits, because each connection carries one: there are as many as different servers.
struct NextHopId {
  std::uint16_t number = 0;
  friend constexpr auto operator<=>(NextHopId, NextHopId) = default;
};

}  // namespace lvs::director
