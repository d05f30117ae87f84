#pragma once

#include <cstdint>
#include <optional>

#include "net/base/time.h"

namespace lvs::director {

/// When the caches of lblc and lblcr are swept: each minute, every thirtieth time in full (facts of
/// IPVS, 1.6). The first minute begins with the first call.
class SweepClock {
 public:
  /// Calls `sweep(at, is_full)` for each sweep that is due. After a long pause only the last thirty
  /// are made up for: the full one among them finds whatever the earlier ones would have found.
  template <typename Sweep>
  void run_until(Tick now, Sweep sweep) {
    if (!next_) next_ = now + kPeriod;
    if (now < *next_) return;
    const std::uint32_t due = (now - *next_).number / kPeriod.number + 1;
    if (due > kFullEvery) skip(due - kFullEvery);
    for (; now >= *next_; *next_ = *next_ + kPeriod) sweep(*next_, ++count_ % kFullEvery == 0);
  }

 private:
  void skip(std::uint32_t sweeps) {
    count_ += sweeps;
    next_ = *next_ + Ticks{sweeps * kPeriod.number};
  }

  static constexpr Ticks kPeriod = seconds_to_ticks(60);
  static constexpr std::uint32_t kFullEvery = 30;

  std::optional<Tick> next_;
  std::uint32_t count_ = 0;
};

}  // namespace lvs::director
