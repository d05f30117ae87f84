#pragma once

#include <cstdint>

namespace lvs::director {

/// ipvsadm's -b: three bits that each scheduler reads its own way (facts of IPVS, 1.2).
struct SchedulerFlags {
  std::uint8_t bits = 0;

  static constexpr std::uint8_t kFirst = 1, kSecond = 2, kThird = 4;
  /// sh-fallback, mh-fallback: another server when the hash's own one is not available.
  constexpr bool falls_back() const { return (bits & kFirst) != 0; }
  /// sh-port, mh-port: the client's port is hashed too.
  constexpr bool hashes_port() const { return (bits & kSecond) != 0; }
  friend constexpr bool operator==(SchedulerFlags, SchedulerFlags) = default;
};

}  // namespace lvs::director
