#include "verify/io/facing.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "net/wire/addr_text.h"

namespace lvs::verify {
namespace {

/// The address of that link whose network holds the VIP, else its first one.
std::optional<Ipv4Addr> own_address(const std::vector<linux_net::Address>& all, LinkIndex link,
                                    Ipv4Addr vip) {
  std::optional<Ipv4Addr> first;
  for (const linux_net::Address& address : all) {
    if (address.link != link || !address.addr.is_v4() || address.addr == IpAddr{vip}) continue;
    if (Prefix{address.addr, address.prefix_len}.contains(vip)) return address.addr.v4();
    if (!first) first = address.addr.v4();
  }
  return first;
}

}  // namespace

Result<Facing> find_facing(linux_net::RouteSocket& socket, Ipv4Addr vip) {
  LVS_TRY(const linux_net::Route route, socket.route_to(vip));
  LVS_TRY(const std::vector<linux_net::Link> links, socket.links());
  const auto link = std::find_if(links.begin(), links.end(),
                                 [&route](const auto& each) { return each.index == route.out; });
  if (link == links.end())
    return fail("the route to " + to_string(vip) + " has no interface", ENETUNREACH);
  LVS_TRY(const std::vector<linux_net::Address> addresses, socket.addresses());
  Facing facing{.link = link->index,
                .nic = link->name,
                .mac = link->mac,
                .own = {},
                .gateway = route.gateway};
  facing.vip_is_ours = route.type == RTN_LOCAL;
  if (facing.vip_is_ours) return facing;
  std::optional<Ipv4Addr> own = own_address(addresses, link->index, vip);
  if (route.preferred_source && route.preferred_source->is_v4()) own = route.preferred_source->v4();
  if (!own) return fail(link->name + " has no IPv4 address to ask from", EADDRNOTAVAIL);
  facing.own = *own;
  return facing;
}

}  // namespace lvs::verify
