#pragma once

#include <compare>
#include <cstdint>

namespace lvs {

/// A point on the engine's clock: hundredths of a second since the engine started, in 32 bits so
/// that a connection record stays small and an XDP program can share it. The number wraps after
/// 497 days; comparisons are right as long as two ticks are less than 248 days apart, which the
/// longest timeout (31 days, facts of IPVS) keeps. Time is always an argument: nothing pure reads
/// a clock.
struct Tick {
  std::uint32_t number = 0;

  friend constexpr bool operator==(Tick, Tick) = default;
  /// True when `a` lies before `b` on the wrapping clock.
  friend constexpr bool operator<(Tick a, Tick b) {
    return static_cast<std::int32_t>(a.number - b.number) < 0;
  }
  friend constexpr bool operator>=(Tick a, Tick b) { return !(a < b); }
  friend constexpr bool operator>(Tick a, Tick b) { return b < a; }
  friend constexpr bool operator<=(Tick a, Tick b) { return !(b < a); }
};

/// A length of time on that clock.
struct Ticks {
  std::uint32_t number = 0;

  friend constexpr bool operator==(Ticks, Ticks) = default;
  friend constexpr auto operator<=>(Ticks, Ticks) = default;
};

inline constexpr std::uint32_t kTicksPerSecond = 100;

constexpr Tick operator+(Tick at, Ticks length) { return Tick{at.number + length.number}; }
/// How long from `from` until `to`; `to` must not lie before `from`.
constexpr Ticks operator-(Tick to, Tick from) { return Ticks{to.number - from.number}; }
constexpr Ticks seconds_to_ticks(std::uint32_t seconds) { return Ticks{seconds * kTicksPerSecond}; }

}  // namespace lvs
