#include "net/linux/rtnetlink_parse.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "net/linux/attributes.h"

namespace lvs::linux_net {
namespace {

bool is_ip(std::uint8_t family) { return family == AF_INET || family == AF_INET6; }

IpAddr any_of(std::uint8_t family) { return family == AF_INET ? IpAddr{} : IpAddr{Ipv6Addr{}}; }

bool fits(const Prefix& prefix) { return prefix.length <= prefix.addr.bits(); }

/// RTA_VIA: a family in host order, then the address.
std::optional<IpAddr> via(const Attributes& attributes) {
  const auto bytes = attributes.bytes(RTA_VIA);
  if (!bytes || bytes->size() < 2) return std::nullopt;
  return addr_from_octets(bytes->subspan(2));
}

std::optional<IpAddr> gateway_in(const Attributes& attributes) {
  const auto gateway = attributes.addr(RTA_GATEWAY);
  return gateway ? gateway : via(attributes);
}

/// The first next hop of RTA_MULTIPATH.
void take_first_hop(const Attributes& attributes, Route& route) {
  const auto bytes = attributes.bytes(RTA_MULTIPATH);
  if (!bytes || bytes->size() < sizeof(rtnexthop)) return;
  rtnexthop hop{};
  std::memcpy(&hop, bytes->data(), sizeof hop);
  if (hop.rtnh_len < sizeof hop || hop.rtnh_len > bytes->size()) return;
  route.out = LinkIndex{static_cast<std::uint32_t>(hop.rtnh_ifindex)};
  route.gateway = gateway_in(Attributes(bytes->subspan(sizeof hop, hop.rtnh_len - sizeof hop)));
}

template <typename Changed, typename Value>
std::optional<RouteEvent> changed(std::optional<Value> value, bool gone) {
  if (!value) return std::nullopt;
  return Changed{*std::move(value), gone};
}

}  // namespace

std::optional<Link> parse_link(const nlmsghdr& message) {
  const auto fixed = fixed_part<ifinfomsg>(message);
  if (!fixed || fixed->ifi_family != AF_UNSPEC) return std::nullopt;
  const Attributes attributes = Attributes::of(message, sizeof(ifinfomsg));
  const auto name = attributes.text(IFLA_IFNAME);
  if (!name) return std::nullopt;

  Link link;
  link.index = LinkIndex{static_cast<std::uint32_t>(fixed->ifi_index)};
  link.name = *name;
  link.flags = fixed->ifi_flags;
  link.mac = attributes.mac(IFLA_ADDRESS).value_or(MacAddr{});
  link.mtu = attributes.u32(IFLA_MTU).value_or(0);
  link.master = LinkIndex{attributes.u32(IFLA_MASTER).value_or(0)};
  link.kind = attributes.nest(IFLA_LINKINFO).text(IFLA_INFO_KIND).value_or("");
  link.oper_state = attributes.u8(IFLA_OPERSTATE).value_or(0);
  link.alias = attributes.text(IFLA_IFALIAS).value_or("");
  return link;
}

std::optional<Address> parse_address(const nlmsghdr& message) {
  const auto fixed = fixed_part<ifaddrmsg>(message);
  if (!fixed || !is_ip(fixed->ifa_family)) return std::nullopt;
  const Attributes attributes = Attributes::of(message, sizeof(ifaddrmsg));
  // IFA_ADDRESS is the far end of a point-to-point link when both are there.
  const auto local = attributes.addr(IFA_LOCAL);
  const auto addr = local ? local : attributes.addr(IFA_ADDRESS);
  if (!addr || !fits({*addr, fixed->ifa_prefixlen})) return std::nullopt;

  Address address;
  address.link = LinkIndex{fixed->ifa_index};
  address.addr = *addr;
  address.prefix_len = fixed->ifa_prefixlen;
  address.scope = fixed->ifa_scope;
  address.label = attributes.text(IFA_LABEL).value_or("");
  address.protocol = attributes.u8(IFA_PROTO).value_or(0);
  address.flags = attributes.u32(IFA_FLAGS).value_or(fixed->ifa_flags);
  return address;
}

std::optional<Route> parse_route(const nlmsghdr& message) {
  const auto fixed = fixed_part<rtmsg>(message);
  if (!fixed || !is_ip(fixed->rtm_family)) return std::nullopt;
  const Attributes attributes = Attributes::of(message, sizeof(rtmsg));

  Route route;
  route.destination = {attributes.addr(RTA_DST).value_or(any_of(fixed->rtm_family)),
                       fixed->rtm_dst_len};
  if (!fits(route.destination)) return std::nullopt;
  route.table = attributes.u32(RTA_TABLE).value_or(fixed->rtm_table);
  route.protocol = fixed->rtm_protocol;
  route.scope = fixed->rtm_scope;
  route.type = fixed->rtm_type;
  route.tos = fixed->rtm_tos;
  route.metric = attributes.u32(RTA_PRIORITY).value_or(0);
  route.preferred_source = attributes.addr(RTA_PREFSRC);
  route.out = LinkIndex{attributes.u32(RTA_OIF).value_or(0)};
  route.gateway = gateway_in(attributes);
  take_first_hop(attributes, route);
  return route;
}

std::uint32_t route_mtu(const nlmsghdr& message) {
  const Attributes attributes = Attributes::of(message, sizeof(rtmsg));
  return attributes.nest(RTA_METRICS).u32(RTAX_MTU).value_or(0);
}

bool is_cloned(const nlmsghdr& message) {
  const auto fixed = fixed_part<rtmsg>(message);
  return fixed && (fixed->rtm_flags & RTM_F_CLONED) != 0;
}

std::optional<Neighbour> parse_neighbour(const nlmsghdr& message) {
  const auto fixed = fixed_part<ndmsg>(message);
  if (!fixed || !is_ip(fixed->ndm_family)) return std::nullopt;
  const Attributes attributes = Attributes::of(message, sizeof(ndmsg));
  const auto addr = attributes.addr(NDA_DST);
  if (!addr) return std::nullopt;

  Neighbour neighbour;
  neighbour.link = LinkIndex{static_cast<std::uint32_t>(fixed->ndm_ifindex)};
  neighbour.addr = *addr;
  neighbour.mac = attributes.mac(NDA_LLADDR);
  neighbour.state = fixed->ndm_state;
  neighbour.flags = fixed->ndm_flags;
  neighbour.protocol = attributes.u8(NDA_PROTOCOL).value_or(0);
  return neighbour;
}

std::optional<RouteEvent> parse_event(const nlmsghdr& message) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return changed<LinkChanged>(parse_link(message), message.nlmsg_type == RTM_DELLINK);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return changed<AddressChanged>(parse_address(message), message.nlmsg_type == RTM_DELADDR);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      if (is_cloned(message)) return std::nullopt;
      return changed<RouteChanged>(parse_route(message), message.nlmsg_type == RTM_DELROUTE);
    case RTM_NEWRULE:
    case RTM_DELRULE:
      return RuleChanged{};
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      return changed<NeighbourChanged>(parse_neighbour(message),
                                       message.nlmsg_type == RTM_DELNEIGH);
    default:
      return std::nullopt;
  }
}

}  // namespace lvs::linux_net
