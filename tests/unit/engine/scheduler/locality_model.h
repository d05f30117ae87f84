#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "tests/support/draw.h"
#include "tests/support/scheduler_bench.h"

namespace lvs::test {

/// Random changes to the servers of an lblc or lblcr, and its rules (facts of IPVS, 1.6) as scans.
class LocalityScenario {
 public:
  LocalityScenario(std::string_view scheduler, std::uint32_t seed,
                   const director::SchedulerSetup& setup = {})
      : draw_(seed), bench_(scheduler, setup) {}

  /// A few seconds pass, and most of the time something happens to a server.
  void change_something() {
    now_ = now_ + seconds_to_ticks(draw_.below(20));
    const std::uint32_t what = draw_.below(30);
    const char name = static_cast<char>('A' + draw_.below(6));
    const std::optional<std::size_t> seat = seat_of(name);
    if (!seat) {
      if (what < 8) bench_.add(name, draw_.below(4));
    } else if (what == 0) {
      left_[name] = bench_[*seat];
      bench_.remove(*seat);
    } else if (what < 4) {
      bench_.edit(*seat, draw_.below(4));
    } else if (what < 8) {
      bench_.set_overloaded(*seat, draw_.one_in(3));
    } else if (what < 24) {
      bench_.load(*seat, draw_.below(6), draw_.below(300));
    }
  }
  int destination() { return static_cast<int>(draw_.below(8)); }
  Tick now() const { return now_; }

  std::optional<std::size_t> pick(int destination) {
    return bench_.pick(
        {.destination = IpAddr{Ipv4Addr{198, 51, 100, static_cast<std::uint8_t>(destination)}},
         .now = now_});
  }

  const director::ServerRecord& operator[](std::size_t seat) const { return bench_[seat]; }
  char name_of(std::size_t seat) const { return bench_.name_of(seat); }
  std::optional<std::size_t> seat_of(char name) const {
    for (std::size_t seat = 0; seat < bench_.size(); ++seat)
      if (bench_.name_of(seat) == name) return seat;
    return std::nullopt;
  }
  /// Of one that left: as it was then.
  const director::ServerRecord& record_of(char name) const {
    const std::optional<std::size_t> seat = seat_of(name);
    return seat ? bench_[*seat] : left_.at(name);
  }

  bool is_too_busy(std::size_t busy) const {
    if (bench_[busy].active <= bench_[busy].weight) return false;
    for (std::size_t seat = 0; seat < bench_.size(); ++seat)
      if (2 * bench_[seat].active < bench_[seat].weight) return true;
    return false;
  }
  std::optional<std::size_t> lightest() const {
    std::optional<std::size_t> best;
    for (std::size_t seat = bench_.size(); seat-- > 0;)
      if (bench_[seat].takes_new_flows() && (!best || has_less(bench_[seat], bench_[*best])))
        best = seat;
    return best;
  }
  static bool has_less(const director::ServerRecord& a, const director::ServerRecord& b) {
    return (b.active * 256ull + b.inactive) * a.weight >
           (a.active * 256ull + a.inactive) * b.weight;
  }

 private:
  Draw draw_;
  SchedulerBench bench_;
  Tick now_{};
  std::map<char, director::ServerRecord> left_;
};

}  // namespace lvs::test
