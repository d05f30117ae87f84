#include "director/core/path_mtu.h"

#include <algorithm>

namespace lvs::director {

void PathMtus::learn(NextHopId hop, std::uint16_t mtu, Family family, Tick now) {
  if (!knows(hop)) return;
  const std::uint16_t learnt = std::max(mtu, floor_of(family));
  if (const std::uint16_t known = find(hop, now); known != 0 && known < learnt) return;
  entries_[hop.number - 1u] = {now + kLifetime, learnt};
}

std::uint16_t PathMtus::find(NextHopId hop, Tick now) {
  if (!knows(hop)) return 0;
  Entry& entry = entries_[hop.number - 1u];
  if (now >= entry.until) entry.mtu = 0;
  return entry.mtu;
}

void PathMtus::forget(NextHopId hop) {
  if (knows(hop)) entries_[hop.number - 1u] = {};
}

}  // namespace lvs::director
