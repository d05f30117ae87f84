#include "profiles/io/objects/resolve.h"

#include <linux/neighbour.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "net/linux/deadline.h"

namespace lvs::profiles {
namespace {

using linux_net::Neighbour;
using linux_net::RouteSocket;
using Found = std::map<IpAddr, MacAddr>;

constexpr std::chrono::seconds kAnswerWithin{1};
/// What the kernel itself would send to.
constexpr std::uint16_t kUsable = NUD_PERMANENT | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE;

/// The link in whose network the address lies: it can be asked for there.
std::optional<LinkIndex> lan_of(const std::vector<linux_net::Address>& own, const IpAddr& wanted) {
  for (const linux_net::Address& address : own)
    if (Prefix{address.addr, address.prefix_len}.contains(wanted)) return address.link;
  return std::nullopt;
}

Result<void> take_own(RouteSocket& route, const std::vector<linux_net::Address>& own,
                      const std::vector<IpAddr>& wanted, Found& found) {
  LVS_TRY(const std::vector<linux_net::Link> links, route.links());
  for (const linux_net::Address& address : own) {
    if (std::find(wanted.begin(), wanted.end(), address.addr) == wanted.end()) continue;
    for (const linux_net::Link& link : links)
      if (link.index == address.link) found[address.addr] = link.mac;
  }
  return {};
}

Result<void> take_known(RouteSocket& route, const std::map<IpAddr, LinkIndex>& asked,
                        Found& found) {
  LVS_TRY(const std::vector<Neighbour> known, route.neighbours());
  for (const Neighbour& neighbour : known) {
    const auto wanted = asked.find(neighbour.addr);
    if (wanted == asked.end() || wanted->second != neighbour.link) continue;
    if ((neighbour.state & kUsable) != 0 && neighbour.mac) found[neighbour.addr] = *neighbour.mac;
  }
  return {};
}

/// Waits for the next notifications; false when the time is over.
bool wait_for_news(const linux_net::RouteEvents& events,
                   std::chrono::steady_clock::time_point deadline) {
  pollfd readable{events.fd(), POLLIN, 0};
  const timespec left = linux_net::time_left(deadline);
  return ::ppoll(&readable, 1, &left, nullptr) == 1;
}

}  // namespace

Result<Found> resolve_macs(RouteSocket& route, const std::vector<IpAddr>& wanted) {
  Found found;
  LVS_TRY(const std::vector<linux_net::Address> own, route.addresses());
  LVS_CHECK(take_own(route, own, wanted, found));
  std::map<IpAddr, LinkIndex> asked;
  for (const IpAddr& address : wanted)
    if (const auto link = lan_of(own, address); link && !found.contains(address))
      asked[address] = *link;
  const std::size_t all = found.size() + asked.size();
  LVS_CHECK(take_known(route, asked, found));
  if (found.size() == all) return found;

  LVS_TRY(linux_net::RouteEvents events, linux_net::RouteEvents::open());
  for (const auto& [address, link] : asked) {
    if (found.contains(address)) continue;
    // A link that is down, or no right to ask: whoever is not known stays unknown.
    if (!route.ask_neighbour(link, address)) return found;
  }
  const auto deadline = std::chrono::steady_clock::now() + kAnswerWithin;
  while (found.size() < all && wait_for_news(events, deadline)) {
    LVS_CHECK(events.pending());
    LVS_CHECK(take_known(route, asked, found));
  }
  return found;
}

}  // namespace lvs::profiles
