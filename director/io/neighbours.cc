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
  LVS_TRY(const std::vector<Link> links, routes_.links());
  for (const auto& [id, server] : tracker_.servers()) tracker_.set_via(id, way_to(server, links));
  return {};
}

std::optional<Via> Neighbours::way_to(Ipv4Addr server, const std::vector<Link>& links) {
  // The lookup fails when there is no route: that is an answer, and the listing shows it.
  const auto route = routes_.route_to(server);
  if (!route) return std::nullopt;
  const auto link = std::ranges::find(links, route->out, &Link::index);
  if (link == links.end()) return std::nullopt;
  Via via;
  via.link = link->index;
  via.neighbour = route->gateway ? route->gateway->v4() : server;
  via.source = link->mac;
  via.mtu = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(link->mtu, std::numeric_limits<std::uint16_t>::max()));
  via.up = (link->flags & IFF_UP) != 0;
  return via;
}

Result<void> Neighbours::read_neighbours() {
  LVS_TRY(const std::vector<Neighbour> neighbours, routes_.neighbours());
  tracker_.forget_neighbours();
  for (const Neighbour& neighbour : neighbours) learn(neighbour, false);
  return {};
}

void Neighbours::learn(const Neighbour& neighbour, bool gone) {
  if (!neighbour.addr.is_v4()) return;
  const Reach reach = gone ? Reach::Unknown : reach_of(neighbour);
  tracker_.set_neighbour(neighbour.link, neighbour.addr.v4(), reach,
                         neighbour.mac.value_or(MacAddr{}));
}

Result<std::vector<LinkNews>> Neighbours::handle_events() {
  LVS_TRY(const auto events, events_.pending());
  std::vector<LinkNews> news;
  bool ways_changed = false;
  bool lost = false;
  const Overload visitor{
      [&](const linux_net::LinkChanged& event) {
        const bool up = (event.link.flags & IFF_UP) != 0;
        news.push_back({event.link.name, event.link.index, event.gone, up && !event.gone});
        ways_changed = true;
      },
      [&](const linux_net::AddressChanged&) { ways_changed = true; },
      [&](const linux_net::RouteChanged&) { ways_changed = true; },
      [&](const linux_net::NeighbourChanged& event) { learn(event.neighbour, event.gone); },
      [&](linux_net::EventsLost) { lost = true; }};
  for (const linux_net::RouteEvent& event : events) std::visit(visitor, event);
  // A hop that moved has another neighbour, which may be known already.
  if (ways_changed || lost) LVS_CHECK(refresh());
  if (lost) {
    LVS_TRY(const std::vector<Link> links, routes_.links());
    for (const Link& link : links)
      news.push_back({link.name, link.index, false, (link.flags & IFF_UP) != 0});
  }
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
