#include "director/io/neighbours.h"

#include <linux/neighbour.h>
#include <net/if.h>

#include <algorithm>
#include <limits>
#include <variant>

#include "net/base/overload.h"

namespace lvs::director {

using linux_net::Link;
using linux_net::Neighbour;

namespace {

constexpr unsigned kGood = NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP | NUD_PROBE | NUD_DELAY;

}  // namespace

Reach reach_of(const Neighbour& neighbour) {
  if ((neighbour.state & NUD_FAILED) != 0) return Reach::Failed;
  if (!neighbour.mac) return Reach::Unknown;
  if ((neighbour.state & kGood) != 0) return Reach::Good;
  return (neighbour.state & NUD_STALE) != 0 ? Reach::Stale : Reach::Unknown;
}

Result<std::unique_ptr<Neighbours>> Neighbours::open() {
  // Events first: what changes while we read the rest is then notified.
  LVS_TRY(linux_net::RouteEvents events, linux_net::RouteEvents::open());
  LVS_TRY(linux_net::RouteSocket routes, linux_net::RouteSocket::open());
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private to make_unique
  return std::unique_ptr<Neighbours>(new Neighbours(std::move(routes), std::move(events)));
}

Result<void> Neighbours::refresh() {
  LVS_CHECK(find_ways());
  return read_neighbours();
}

Result<void> Neighbours::find_ways() {
  LVS_TRY(links_, routes_.links());
  for (const auto& [id, server] : tracker_.servers()) tracker_.set_via(id, way_to(server));
  return {};
}

std::optional<Via> Neighbours::way_to(const IpAddr& address) {
  // The lookup fails when there is no route: that is an answer, and the listing shows it.
  const auto route = routes_.route_to(address);
  if (!route) return std::nullopt;
  const auto link = std::ranges::find(links_, route->out, &Link::index);
  if (link == links_.end()) return std::nullopt;
  const std::uint32_t mtu = route->mtu == 0 ? link->mtu : std::min(route->mtu, link->mtu);
  Via via;
  via.link = link->index;
  via.neighbour = route->gateway.value_or(address);
  via.source = link->mac;
  via.mtu = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(mtu, std::numeric_limits<std::uint16_t>::max()));
  via.up = (link->flags & IFF_UP) != 0;
  via.own_address = route->preferred_source.value_or(IpAddr{});
  return via;
}

std::optional<NextHopId> Neighbours::hop_of(const Via& via) {
  const std::optional<NextHopId> hop = tracker_.way_back(via);
  if (!hop) return std::nullopt;
  const auto known = known_.find({via.link, via.neighbour});
  if (known != known_.end())
    tracker_.set_neighbour(via.link, via.neighbour, known->second.reach, known->second.mac);
  return hop;
}

WaysBack Neighbours::find_ways_back(std::span<const IpAddr> clients) {
  WaysBack ways;
  for (const IpAddr& client : clients) {
    const std::optional<Via> via = way_to(client);
    std::optional<NextHopId> hop = via ? hop_of(*via) : std::nullopt;
    if (via && !hop) {
      tracker_.forget_ways_back();
      ways = {{}, true};  // those that are left out are asked for again
      hop = hop_of(*via);
    }
    ways.answers.push_back({client, hop});
  }
  return ways;
}

Result<void> Neighbours::read_neighbours() {
  LVS_TRY(const std::vector<Neighbour> neighbours, routes_.neighbours());
  tracker_.forget_neighbours();
  known_.clear();
  for (const Neighbour& neighbour : neighbours) learn(neighbour, false);
  return {};
}

void Neighbours::learn(const Neighbour& neighbour, bool gone) {
  const Known known{gone ? Reach::Unknown : reach_of(neighbour), neighbour.mac.value_or(MacAddr{})};
  tracker_.set_neighbour(neighbour.link, neighbour.addr, known.reach, known.mac);
  if (gone) {
    known_.erase({neighbour.link, neighbour.addr});
  } else {
    known_[{neighbour.link, neighbour.addr}] = known;
  }
}

Result<KernelNews> Neighbours::handle_events() {
  LVS_TRY(const auto events, events_.pending());
  KernelNews news;
  bool lost = false;
  const Overload visitor{
      [&](const linux_net::LinkChanged& event) {
        const bool up = (event.link.flags & IFF_UP) != 0;
        news.links.push_back({event.link.name, event.link.index, event.gone, up && !event.gone});
        news.ways_changed = true;
      },
      [&](const linux_net::AddressChanged&) { news.ways_changed = true; },
      [&](const linux_net::RouteChanged&) { news.ways_changed = true; },
      [&](const linux_net::RuleChanged&) { news.ways_changed = true; },
      [&](const linux_net::NeighbourChanged& event) { learn(event.neighbour, event.gone); },
      [&](linux_net::EventsLost) { lost = true; }};
  for (const linux_net::RouteEvent& event : events) std::visit(visitor, event);
  news.ways_changed = news.ways_changed || lost;
  // A hop that moved has another neighbour, which may be known already.
  if (news.ways_changed) LVS_CHECK(refresh());
  if (lost)
    for (const Link& link : links_)
      news.links.push_back({link.name, link.index, false, (link.flags & IFF_UP) != 0});
  return news;
}

Result<void> Neighbours::ask(Tick now) {
  Result<void> result;
  for (const Ask& ask : tracker_.due(now)) {
    Result<void> asked = routes_.ask_neighbour(ask.link, ask.neighbour);
    if (!asked) result = std::move(asked);
  }
  return result;
}

}  // namespace lvs::director
