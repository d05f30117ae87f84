#include "net/linux/tunnel_links.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cerrno>

#include "net/linux/attributes.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/rtnetlink_parse.h"
#include "net/wire/addr_text.h"

namespace lvs::linux_net {
namespace {

constexpr std::uint8_t kTtl = 64;
constexpr std::uint8_t kAnyInnerProtocol = 0;

bool is_tunnel(std::string_view kind) {
  return kind == "ipip" || kind == "sit" || kind == "ip6tnl";
}

IpAddr any_local(std::string_view kind) {
  return kind == "ip6tnl" ? IpAddr{Ipv6Addr{}} : IpAddr{Ipv4Addr{}};
}

/// The kernel's own word for a kind it does not know is "Unknown device type".
Error explained(Error error, const TunnelLink& tunnel) {
  if (error.sys_errno == EOPNOTSUPP)
    error.what = "this kernel has no " + tunnel.kind + ": " + error.what;
  return error;
}

}  // namespace

void put_tunnel(Request& request, const TunnelLink& tunnel) {
  request.fixed<ifinfomsg>().ifi_family = AF_UNSPEC;
  request.attr(IFLA_IFNAME, tunnel.name);
  nlattr* const info = request.begin_nest(IFLA_LINKINFO);
  request.attr(IFLA_INFO_KIND, tunnel.kind);
  nlattr* const data = request.begin_nest(IFLA_INFO_DATA);
  request.attr(IFLA_IPTUN_LOCAL, tunnel.local);
  request.attr(IFLA_IPTUN_TTL, kTtl);
  if (tunnel.kind == "ip6tnl")
    request.attr(IFLA_IPTUN_PROTO, kAnyInnerProtocol);
  else
    request.attr(IFLA_IPTUN_PMTUDISC, std::uint8_t{1});
  request.end_nest(data);
  request.end_nest(info);
}

std::optional<TunnelLink> parse_tunnel(const nlmsghdr& message) {
  const std::optional<Link> link = parse_link(message);
  if (!link || !is_tunnel(link->kind)) return std::nullopt;
  const Attributes attributes = Attributes::of(message, sizeof(ifinfomsg));
  const Attributes data = attributes.nest(IFLA_LINKINFO).nest(IFLA_INFO_DATA);
  const IpAddr any = any_local(link->kind);
  const IpAddr local = data.addr(IFLA_IPTUN_LOCAL).value_or(any);
  return TunnelLink{link->index, link->name, link->kind,
                    local.family() == any.family() ? local : any, link->alias};
}

Result<std::vector<TunnelLink>> tunnel_links() {
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  Request request(RTM_GETLINK, NLM_F_DUMP);
  request.fixed<ifinfomsg>().ifi_family = AF_UNSPEC;
  std::vector<TunnelLink> tunnels;
  LVS_CHECK(socket.dump(
      request, [&] { tunnels.clear(); },
      [&](const nlmsghdr& message) {
        if (const auto tunnel = parse_tunnel(message)) tunnels.push_back(*tunnel);
      }));
  return tunnels;
}

Result<void> add_tunnel(const TunnelLink& tunnel) {
  const std::string what = "make the " + tunnel.kind + " device " + tunnel.name + " (local " +
                           to_string(tunnel.local) + ")";
  if (tunnel.name.empty() || tunnel.name.size() >= IFNAMSIZ)
    return fail(what + ": a link's name has 1 to 15 bytes", EINVAL);
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  put_tunnel(request, tunnel);
  if (auto made = socket.transact(request); !made)
    return fail_within(what, explained(std::move(made).error(), tunnel));
  LVS_TRY(RouteSocket route, RouteSocket::open());
  LVS_TRY(const Link link, route.link_named(tunnel.name));
  auto marked = route.set_alias(link.index, tunnel.alias);
  if (marked) return {};
  static_cast<void>(route.remove_link(link.index));
  return fail_within(what, std::move(marked).error());
}

}  // namespace lvs::linux_net
