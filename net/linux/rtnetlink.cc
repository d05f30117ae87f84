#include "net/linux/rtnetlink.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/linux/rtnetlink_dump.h"
#include "net/linux/rtnetlink_parse.h"
#include "net/linux/rtnetlink_requests.h"
#include "net/wire/addr_text.h"

namespace lvs::linux_net {
namespace {

constexpr std::uint16_t kAddOnly = NLM_F_CREATE | NLM_F_EXCL;
/// An IPv6 route without a metric gets this one (IP6_RT_PRIO_USER).
constexpr std::uint32_t kIpv6DefaultMetric = 1024;

std::optional<Route> parse_table_route(const nlmsghdr& message) {
  return is_cloned(message) ? std::nullopt : parse_route(message);
}

std::string to_text(const Address& address) {
  return to_string(Prefix{address.addr, address.prefix_len});
}

/// The names that are too long would be refused by the kernel with a number out of range.
Result<void> check_name(std::string_view name, const std::string& what, std::string_view kind) {
  if (name.size() < IFNAMSIZ) return {};
  return fail(what + ": the " + std::string(kind) + " \"" + std::string(name) +
                  "\" is longer than 15 bytes",
              ENAMETOOLONG);
}

/// What removing a route must match beside what the kernel compares itself.
bool same_entry(const Route& a, const Route& b) {
  const auto metric = [](const Route& r) {
    return r.metric == 0 && !r.destination.addr.is_v4() ? kIpv6DefaultMetric : r.metric;
  };
  return a.destination.network() == b.destination.network() && a.table == b.table &&
         a.protocol == b.protocol && a.out == b.out && a.tos == b.tos && metric(a) == metric(b);
}

std::string joined_names(const std::vector<Link>& links) {
  std::vector<std::string> names;
  names.reserve(links.size());
  for (const Link& link : links) names.push_back(link.name);
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Result<RouteSocket> RouteSocket::open() {
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  return RouteSocket(std::move(socket));
}

Result<std::vector<Link>> RouteSocket::links() {
  Request request(RTM_GETLINK, 0);
  request.fixed<ifinfomsg>();
  request.attr(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  return collect<Link>(socket_, request, "read the links", parse_link);
}

/// Not a search in the dump: when asked for one link, kernels from 6.8 on first catch up with its
/// carrier, so that a veth works at once and not up to a second later.
Result<Link> RouteSocket::link_named(std::string_view name) {
  LVS_TRY(const std::vector<Link> all, links());
  const auto found = std::ranges::find(all, name, &Link::name);
  if (found == all.end())
    return fail(
        "there is no link \"" + std::string(name) + "\" here; there are: " + joined_names(all),
        ENODEV);

  Request request(RTM_GETLINK, 0);
  put_link(request, found->index);
  request.attr(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  std::optional<Link> link;
  const auto asked = socket_.transact(request, [&](const nlmsghdr& message) {
    if (message.nlmsg_type == RTM_NEWLINK) link = parse_link(message);
  });
  if (!asked) return fail_within("read the link " + std::string(name), asked.error());
  return link ? *std::move(link) : *found;
}

Result<std::vector<Address>> RouteSocket::addresses() {
  Request request(RTM_GETADDR, 0);
  request.fixed<ifaddrmsg>();
  return collect<Address>(socket_, request, "read the addresses", parse_address);
}

Result<std::vector<Route>> RouteSocket::routes_like(std::uint8_t family, const Route* filter) {
  Request request(RTM_GETROUTE, 0);
  auto& fixed = request.fixed<rtmsg>();
  fixed.rtm_family = family;
  if (filter != nullptr) {
    fixed.rtm_protocol = filter->protocol;
    request.attr(RTA_TABLE, filter->table);
  }
  auto routes = collect<Route>(socket_, request, "read the routes", parse_table_route);
  // A kernel built without IPv6 has no routes of it; a table that was never used has none either.
  const int error = routes ? 0 : routes.error().sys_errno;
  if (error == EOPNOTSUPP || error == EAFNOSUPPORT || error == ENOENT) return std::vector<Route>{};
  return routes;
}

Result<std::vector<Route>> RouteSocket::routes() {
  LVS_TRY(std::vector<Route> all, routes_like(AF_INET, nullptr));
  LVS_TRY(const std::vector<Route> ipv6, routes_like(AF_INET6, nullptr));
  all.insert(all.end(), ipv6.begin(), ipv6.end());
  return all;
}

Result<Route> RouteSocket::route_to(const IpAddr& destination, LinkIndex out) {
  Request request(RTM_GETROUTE, 0);
  put_route_question(request, destination, out);
  const std::string what = "look up the route to " + to_string(destination);
  std::optional<Route> route;
  const auto asked = socket_.transact(request, [&](const nlmsghdr& message) {
    if (message.nlmsg_type != RTM_NEWROUTE) return;
    route = parse_route(message);
    if (route) route->mtu = route_mtu(message);
  });
  if (!asked) return fail_within(what, asked.error());
  if (!route) return fail(what + ": the kernel's answer cannot be read", EPROTO);
  return *route;
}

std::string RouteSocket::name_of(LinkIndex link) {
  const auto all = links();
  if (all) {
    const auto found = std::ranges::find(*all, link, &Link::index);
    if (found != all->end()) return found->name;
  }
  return "link " + std::to_string(link.number);
}

Result<void> RouteSocket::carry_out(Request& request, const std::string& what) {
  const auto done = socket_.transact(request);
  if (!done) return fail_within(what, done.error());
  return {};
}

Result<void> RouteSocket::add_address(const Address& address) {
  const std::string what = "add " + to_text(address) + " to " + name_of(address.link);
  LVS_CHECK(check_name(address.label, what, "label"));
  Request request(RTM_NEWADDR, kAddOnly);
  put_address(request, address);
  return carry_out(request, what);
}

Result<void> RouteSocket::remove_address(const Address& address) {
  const std::string what = "remove " + to_text(address) + " from " + name_of(address.link);
  LVS_CHECK(check_name(address.label, what, "label"));
  Request request(RTM_DELADDR, 0);
  put_address(request, address);
  return carry_out(request, what);
}

Result<void> RouteSocket::add_route(const Route& route) {
  Request request(RTM_NEWROUTE, kAddOnly);
  put_route(request, route);
  return carry_out(
      request, "add the route to " + to_string(route.destination) + " by " + name_of(route.out));
}

Result<void> RouteSocket::remove_route(const Route& route) {
  const std::string what =
      "remove the route to " + to_string(route.destination) + " by " + name_of(route.out);
  Request request(RTM_DELROUTE, 0);
  put_route(request, route);
  if (route.metric != 0) return carry_out(request, what);

  // To the kernel a metric of 0 means "any": without this look, removing our route when it is gone
  // would hit another one that differs only in its metric.
  const auto present = routes_like(family_number(route.destination.addr.family()), &route);
  if (!present) return fail_within(what, present.error());
  const bool there =
      std::ranges::any_of(*present, [&](const Route& r) { return same_entry(r, route); });
  if (!there) return fail(what + ": there is no such route", ESRCH);
  return carry_out(request, what);
}

}  // namespace lvs::linux_net
