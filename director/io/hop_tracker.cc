#include "director/io/hop_tracker.h"

#include <algorithm>

#include "net/wire/addr_text.h"

namespace lvs::director {
namespace {

bool usable(Reach reach) { return reach == Reach::Good || reach == Reach::Stale; }

bool same(const NextHop& a, const NextHop& b) {
  return a.link == b.link && a.source == b.source && a.destination == b.destination &&
         a.mtu == b.mtu && a.resolved == b.resolved && a.own_address == b.own_address;
}

}  // namespace

void HopTracker::add(NextHopId id, const IpAddr& server) {
  Hop hop;
  hop.id = id;
  hop.server = server;
  put(std::move(hop));
}

void HopTracker::put(Hop hop) {
  if (hop.id.number >= place_.size()) place_.resize(hop.id.number + std::size_t{1}, 0);
  hops_.push_back(std::move(hop));
  place_[hops_.back().id.number] = hops_.size();
}

HopTracker::Hop* HopTracker::find(NextHopId id) {
  if (id.number >= place_.size() || place_[id.number] == 0) return nullptr;
  return &hops_[place_[id.number] - 1];
}

void HopTracker::add_stock(std::span<const NextHopId> ids) {
  stock_.insert(stock_.end(), ids.rbegin(), ids.rend());
}

std::optional<NextHopId> HopTracker::way_back(const Via& via) {
  const auto known =
      std::ranges::find_if(hops_, [&](const Hop& hop) { return !hop.server && hop.via == via; });
  if (known != hops_.end()) return known->id;
  if (stock_.empty()) return std::nullopt;
  Hop hop;
  hop.id = stock_.back();
  hop.via = via;
  stock_.pop_back();
  put(hop);
  return hop.id;
}

void HopTracker::forget_ways_back() {
  for (const Hop& hop : hops_)
    if (!hop.server) stock_.push_back(hop.id);
  std::erase_if(hops_, [](const Hop& hop) { return !hop.server; });
  std::ranges::fill(place_, std::size_t{0});
  for (std::size_t i = 0; i < hops_.size(); ++i) place_[hops_[i].id.number] = i + 1;
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

void HopTracker::set_neighbour(LinkIndex link, const IpAddr& address, Reach reach, MacAddr mac) {
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
  next.own_address = hop.via->own_address;
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
      return std::string("no answer to ") + (hop->via->neighbour.is_v4() ? "ARP" : "ND") + " for " +
             to_string(hop->via->neighbour);
    case Reach::Unknown:
      break;
  }
  return "asking for " + to_string(hop->via->neighbour);
}

std::vector<std::pair<NextHopId, IpAddr>> HopTracker::servers() const {
  std::vector<std::pair<NextHopId, IpAddr>> all;
  for (const Hop& hop : hops_)
    if (hop.server) all.emplace_back(hop.id, *hop.server);
  return all;
}

}  // namespace lvs::director
