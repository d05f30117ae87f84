#include <linux/neighbour.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "net/wire/addr_text.h"
#include "profiles/io/objects/objects.h"
#include "profiles/io/objects/resolve.h"

namespace lvs::profiles {
namespace {

using linux_net::Neighbour;

Result<Neighbour> neighbour_of(RouteSocket& route, const NeighbourFact& fact) {
  LVS_TRY(const linux_net::Link link, route.link_named(fact.link));
  Neighbour neighbour;
  neighbour.link = link.index;
  neighbour.addr = fact.addr;
  neighbour.mac = fact.mac;
  neighbour.protocol = fact.protocol;
  if (fact.proxy)
    neighbour.flags = NTF_PROXY;
  else
    neighbour.state = NUD_PERMANENT;
  return neighbour;
}

/// Entries that somebody made; what the kernel learnt comes and goes by itself.
Result<std::vector<Neighbour>> read_made(RouteSocket& route) {
  LVS_TRY(std::vector<Neighbour> made, route.neighbours());
  std::erase_if(made, [](const Neighbour& learnt) { return (learnt.state & NUD_PERMANENT) == 0; });
  LVS_TRY(const std::vector<Neighbour> proxies, route.proxy_neighbours());
  made.insert(made.end(), proxies.begin(), proxies.end());
  return made;
}

/// The entry in this place, of whoever made it.
Result<std::optional<Neighbour>> find_made(RouteSocket& route, const Neighbour& wanted) {
  LVS_TRY(const std::vector<Neighbour> made, read_made(route));
  const auto found = std::find_if(made.begin(), made.end(), [&](const Neighbour& entry) {
    return entry.link == wanted.link && entry.addr == wanted.addr &&
           (entry.flags & NTF_PROXY) == (wanted.flags & NTF_PROXY);
  });
  return found == made.end() ? std::nullopt : std::optional{*found};
}

bool is_same_entry(const Neighbour& a, const Neighbour& b) {
  return a.mac == b.mac && a.protocol == b.protocol;
}

Result<void> check_is_there(RouteSocket& route, const Neighbour& wanted, const std::string& what) {
  LVS_TRY(const std::optional<Neighbour> present, find_made(route, wanted));
  if (!present) return fail(what + ": it is not there", ENOENT);
  if (is_same_entry(*present, wanted)) return {};
  return fail(what + ": somebody else's entry is in its place", EEXIST);
}

}  // namespace

Result<void> add_object(RouteSocket& route, const NeighbourFact& fact) {
  LVS_TRY(const Neighbour wanted, neighbour_of(route, fact));
  // The kernel takes a proxy entry over silently (mark included), and refuses a permanent one only
  // because it has learnt the address meanwhile: we look at what somebody made, and only at that.
  LVS_TRY(const std::optional<Neighbour> present, find_made(route, wanted));
  if (present) return fail("add the " + describe(fact) + ": there is one already", EEXIST);
  return route.replace_neighbour(wanted);
}

Result<void> remove_object(RouteSocket& route, const NeighbourFact& fact) {
  LVS_TRY(const Neighbour gone, neighbour_of(route, fact));
  LVS_CHECK(check_is_there(route, gone, "remove the " + describe(fact)));
  return route.remove_neighbour(gone);
}

Result<void> replace_object(RouteSocket& route, const NeighbourFact& before,
                            const NeighbourFact& after) {
  LVS_TRY(const Neighbour gone, neighbour_of(route, before));
  LVS_CHECK(check_is_there(route, gone, "replace the " + describe(before)));
  LVS_TRY(const Neighbour wanted, neighbour_of(route, after));
  return route.replace_neighbour(wanted);
}

Result<void> read_neighbours(RouteSocket& route, const std::vector<IpAddr>& resolve,
                             Snapshot& snapshot) {
  LVS_TRY(const std::vector<Neighbour> made, read_made(route));
  LVS_TRY(const std::vector<linux_net::Link> links, route.links());
  for (const Neighbour& entry : made) {
    const auto link = std::find_if(links.begin(), links.end(), [&](const linux_net::Link& each) {
      return each.index == entry.link;
    });
    if (link == links.end()) continue;
    snapshot.neighbours.push_back(
        {link->name, entry.addr, entry.mac, (entry.flags & NTF_PROXY) != 0, entry.protocol});
  }
  if (resolve.empty()) return {};
  LVS_TRY(snapshot.resolved, resolve_macs(route, resolve));
  return {};
}

}  // namespace lvs::profiles
