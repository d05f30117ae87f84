#include "director/io/hop_tracker.h"

#include <algorithm>

#include "net/wire/addr_text.h"

namespace lvs::director {
namespace {

bool usable(Reach reach) { return reach == Reach::Good || reach == Reach::Stale; }

bool same(const NextHop& a, const NextHop& b) {
  return a.link == b.link && a.source == b.source && a.destination == b.destination &&
         a.mtu == b.mtu && a.resolved == b.resolved;
}

}  // namespace

void HopTracker::add(NextHopId id, Ipv4Addr server) {
  Hop hop;
  hop.id = id;
  hop.server = server;
  hops_.push_back(hop);
}

HopTracker::Hop* HopTracker::find(NextHopId id) {
  const auto found = std::ranges::find(hops_, id, &Hop::id);
  return found == hops_.end() ? nullptr : &*found;
}

void HopTracker::set_via(NextHopId id, const std::optional<Via>& via) {
  Hop* const hop = find(id);
  if (hop == nullptr || hop->via == via) return;
  const bool other_neighbour =
      !hop->via || !via || hop->via->link != via->link || hop->via->neighbour != via->neighbour;
  hop->via = via;
  if (!other_neighbour) return;
  hop->reach = Reach::Unknown;
  hop->wanted = true;  // the first frame after a move should not have to wait
  hop->asked_at.reset();
}

void HopTracker::set_neighbour(LinkIndex link, Ipv4Addr address, Reach reach, MacAddr mac) {
  for (Hop& hop : hops_) {
    if (!hop.via || hop.via->link != link || hop.via->neighbour != address) continue;
    hop.reach = reach;
    if (usable(reach)) hop.mac = mac;
  }
}

void HopTracker::forget_neighbours() {
  for (Hop& hop : hops_) hop.reach = Reach::Unknown;
}

void HopTracker::mark_used(NextHopId id) {
  if (Hop* const hop = find(id)) hop->wanted = true;
}

bool HopTracker::is_due(const Hop& hop, Tick now) {
  if (!hop.wanted || !hop.via || !hop.via->up) return false;
  if (!hop.asked_at) return true;
  const Ticks pause = hop.reach == Reach::Good ? kStillUsed : kAskAgain;
  return now - *hop.asked_at >= pause;
}

std::vector<Ask> HopTracker::due(Tick now) {
  std::vector<Ask> asks;
  for (Hop& hop : hops_) {
    if (!is_due(hop, now)) continue;
    hop.asked_at = now;
    hop.wanted = false;
    const Ask ask{hop.via->link, hop.via->neighbour};
    if (std::ranges::find(asks, ask) == asks.end()) asks.push_back(ask);
  }
  return asks;
}

NextHop HopTracker::as_next_hop(const Hop& hop) {
  NextHop next;
  if (!hop.via) return next;
  next.link = hop.via->link;
  next.source = hop.via->source;
  next.mtu = hop.via->mtu;
  if (!usable(hop.reach)) return next;
  next.destination = hop.mac;
  next.resolved = hop.via->up;
  return next;
}

std::vector<HopChange> HopTracker::take_changes() {
  std::vector<HopChange> changes;
  for (Hop& hop : hops_) {
    const NextHop next = as_next_hop(hop);
    if (hop.ever_told && same(next, hop.told)) continue;
    hop.told = next;
    hop.ever_told = true;
    changes.push_back({hop.id, next});
  }
  return changes;
}

std::string HopTracker::describe(NextHopId id) const {
  const auto hop = std::ranges::find(hops_, id, &Hop::id);
  if (hop == hops_.end()) return "none";
  if (!hop->via) return "no route";
  if (!hop->via->up) return "link down";
  switch (hop->reach) {
    case Reach::Good:
    case Reach::Stale:
      return to_string(hop->mac);
    case Reach::Failed:
      return "no answer to ARP for " + to_string(hop->via->neighbour);
    case Reach::Unknown:
      break;
  }
  return "asking for " + to_string(hop->via->neighbour);
}

std::vector<std::pair<NextHopId, Ipv4Addr>> HopTracker::servers() const {
  std::vector<std::pair<NextHopId, Ipv4Addr>> all;
  for (const Hop& hop : hops_) all.emplace_back(hop.id, hop.server);
  return all;
}

}  // namespace lvs::director
