#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "director/core/ids.h"
#include "net/base/time.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// What ICMP said of the MTU of the ways to servers, by next hop. It only lowers, and is forgotten
/// after ten minutes (RFC 1191, 6.3; RFC 8201, 4), so that a way that got better is tried again.
class PathMtus {
 public:
  static constexpr Ticks kLifetime = seconds_to_ticks(600);
  /// Nobody may claim less (RFC 791; RFC 8200, 5).
  static constexpr std::uint16_t floor_of(Family family) {
    return family == Family::Ipv4 ? 68 : 1280;
  }

  /// For next hops 1 to `count`.
  void make_room(std::size_t count) { entries_.resize(count); }
  /// A packet of `family` was too long for the way; `mtu` is what the way takes.
  void learn(NextHopId hop, std::uint16_t mtu, Family family, Tick now);
  /// 0: nothing is known.
  std::uint16_t find(NextHopId hop, Tick now);
  /// The next hop leads another way now.
  void forget(NextHopId hop);

 private:
  struct Entry {
    Tick until{};
    std::uint16_t mtu = 0;  ///< 0: nothing was learnt
  };
  bool knows(NextHopId hop) const { return hop.number != 0 && hop.number <= entries_.size(); }

  std::vector<Entry> entries_;  ///< by id
};

}  // namespace lvs::director
