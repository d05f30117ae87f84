#include "net/linux/rtnetlink_requests.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace lvs::linux_net {
namespace {

/// What a caller may set; the kernel keeps the others (SECONDARY, TENTATIVE …) itself.
constexpr std::uint32_t kSettableAddressFlags = IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_HOMEADDRESS |
                                                IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |
                                                IFA_F_MCAUTOJOIN;

/// struct rtvia: the family in host order, then the address. It has a flexible array, so it is put
/// together by hand.
void put_via(Request& request, const IpAddr& gateway) {
  std::array<std::uint8_t, 2 + 16> bytes{};
  const std::uint16_t family = family_number(gateway.family());
  std::memcpy(bytes.data(), &family, sizeof family);
  std::memcpy(bytes.data() + sizeof family, gateway.v6().octets().data(), 16);
  request.attr(RTA_VIA, std::span<const std::uint8_t>(bytes));
}

}  // namespace

std::uint8_t family_number(Family family) { return family == Family::Ipv4 ? AF_INET : AF_INET6; }

void put_address(Request& request, const Address& address) {
  auto& fixed = request.fixed<ifaddrmsg>();
  fixed.ifa_family = family_number(address.addr.family());
  fixed.ifa_prefixlen = address.prefix_len;
  fixed.ifa_scope = address.scope;
  fixed.ifa_index = address.link.number;

  request.attr(IFA_LOCAL, address.addr).attr(IFA_ADDRESS, address.addr);
  if (!address.label.empty()) request.attr(IFA_LABEL, std::string_view(address.label));
  const std::uint32_t flags = address.flags & kSettableAddressFlags;
  if (flags != 0) request.attr(IFA_FLAGS, flags);
  if (address.protocol != 0) request.attr(IFA_PROTO, address.protocol);
  if ((address.flags & IFA_F_DEPRECATED) == 0) return;
  // The kernel sets that flag itself, for an address that is preferred for no time at all.
  constexpr std::uint32_t forever = ~std::uint32_t{0};
  std::array<std::uint8_t, sizeof(ifa_cacheinfo)> bytes{};
  const ifa_cacheinfo lifetimes{.ifa_prefered = 0, .ifa_valid = forever, .cstamp = 0, .tstamp = 0};
  std::memcpy(bytes.data(), &lifetimes, sizeof lifetimes);
  request.attr(IFA_CACHEINFO, std::span<const std::uint8_t>(bytes));
}

void put_route(Request& request, const Route& route) {
  const Prefix destination = route.destination.network();
  auto& fixed = request.fixed<rtmsg>();
  fixed.rtm_family = family_number(destination.addr.family());
  fixed.rtm_dst_len = destination.length;
  fixed.rtm_tos = route.tos;
  // Eight bits are not enough for every table: the attribute below is what counts.
  fixed.rtm_table = RT_TABLE_UNSPEC;
  fixed.rtm_protocol = route.protocol;
  fixed.rtm_scope = route.scope;
  fixed.rtm_type = route.type;

  if (destination.length != 0) request.attr(RTA_DST, destination.addr);
  request.attr(RTA_TABLE, route.table);
  if (route.out.number != 0) request.attr(RTA_OIF, route.out.number);
  if (route.metric != 0) request.attr(RTA_PRIORITY, route.metric);
  if (route.preferred_source) request.attr(RTA_PREFSRC, *route.preferred_source);
  if (!route.gateway) return;
  if (route.gateway->family() == destination.addr.family())
    request.attr(RTA_GATEWAY, *route.gateway);
  else
    put_via(request, *route.gateway);
}

void put_route_question(Request& request, const IpAddr& destination, LinkIndex out) {
  auto& fixed = request.fixed<rtmsg>();
  fixed.rtm_family = family_number(destination.family());
  fixed.rtm_dst_len = destination.bits();
  // IPv4 names the route's own table only when told to. IPv6 always does, and refuses the flag
  // where requests are checked strictly.
  if (destination.is_v4()) fixed.rtm_flags = RTM_F_LOOKUP_TABLE;
  request.attr(RTA_DST, destination);
  if (out.number != 0) request.attr(RTA_OIF, out.number);
}

void put_neighbour(Request& request, const Neighbour& neighbour) {
  auto& fixed = request.fixed<ndmsg>();
  fixed.ndm_family = family_number(neighbour.addr.family());
  fixed.ndm_ifindex = static_cast<std::int32_t>(neighbour.link.number);
  fixed.ndm_state = neighbour.state;
  fixed.ndm_flags = neighbour.flags;

  request.attr(NDA_DST, neighbour.addr);
  if (neighbour.mac) request.attr(NDA_LLADDR, *neighbour.mac);
  if (neighbour.protocol != 0) request.attr(NDA_PROTOCOL, neighbour.protocol);
}

void put_bridge(Request& request, std::string_view name) {
  request.fixed<ifinfomsg>();
  request.attr(IFLA_IFNAME, name);
  nlattr* info = request.begin_nest(IFLA_LINKINFO);
  request.attr(IFLA_INFO_KIND, std::string_view("bridge"));
  request.end_nest(info);
}

void put_veth(Request& request, std::string_view name, std::string_view peer, int peer_netns_fd) {
  request.fixed<ifinfomsg>();
  request.attr(IFLA_IFNAME, name);
  nlattr* info = request.begin_nest(IFLA_LINKINFO);
  request.attr(IFLA_INFO_KIND, std::string_view("veth"));
  nlattr* data = request.begin_nest(IFLA_INFO_DATA);
  nlattr* other = request.begin_nest(VETH_INFO_PEER);
  request.raw(std::array<std::uint8_t, sizeof(ifinfomsg)>{});  // the peer's own fixed part
  request.attr(IFLA_IFNAME, peer);
  if (peer_netns_fd >= 0) request.attr(IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_netns_fd));
  request.end_nest(other);
  request.end_nest(data);
  request.end_nest(info);
}

void put_link(Request& request, LinkIndex link, std::uint32_t set, std::uint32_t changed) {
  auto& fixed = request.fixed<ifinfomsg>();
  fixed.ifi_index = static_cast<std::int32_t>(link.number);
  fixed.ifi_flags = set;
  fixed.ifi_change = changed;
}

}  // namespace lvs::linux_net
