#include <gtest/gtest.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "net/linux/packet_socket.h"
#include "net/linux/rtnetlink.h"
#include "tests/lab/linux_support.h"

namespace lvs::linux_net {
namespace {

class Rtnetlink : public OwnNamespace {
 protected:
  static Address vip_on_lo() {
    return {.link = link("lo").index,
            .addr = Ipv4Addr(192, 168, 1, 99),
            .prefix_len = 32,
            .scope = RT_SCOPE_HOST,
            .label = "lo:0",
            .protocol = 76,
            .flags = 0};
  }
  static std::optional<Address> find(const IpAddr& addr) {
    const std::vector<Address> all = *open_routes().addresses();
    for (const Address& address : all)
      if (address.addr == addr) return address;
    return std::nullopt;
  }
  static std::vector<Route> routes_to(const Prefix& destination) {
    std::vector<Route> all = *open_routes().routes();
    std::erase_if(all, [&](const Route& route) { return route.destination != destination; });
    return all;
  }
};

TEST_F(Rtnetlink, AddsAnAddressReadsItBackAndRemovesIt) {
  RouteSocket routes = open_routes();
  const auto added = routes.add_address(vip_on_lo());
  ASSERT_TRUE(added) << added.error().what;
  auto seen = find(vip_on_lo().addr);
  ASSERT_TRUE(seen);
  seen->flags = 0;  // the kernel adds IFA_F_PERMANENT
  EXPECT_EQ(*seen, vip_on_lo());
  ASSERT_TRUE(routes.remove_address(vip_on_lo()));
  EXPECT_FALSE(find(vip_on_lo().addr));
}

TEST_F(Rtnetlink, AnAddressThatIsThereIsAnErrorAndStaysAsItIs) {
  RouteSocket routes = open_routes();
  ASSERT_TRUE(routes.add_address(vip_on_lo()));
  const auto before = find(vip_on_lo().addr);
  Address twin = vip_on_lo();
  twin.label = "lo:7";
  twin.protocol = 99;
  const auto added = routes.add_address(twin);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().sys_errno, EEXIST);
  EXPECT_EQ(added.error().what,
            "add 192.168.1.99/32 to lo: ipv4: Address already assigned (File exists)");
  EXPECT_EQ(find(vip_on_lo().addr), before);
}

TEST_F(Rtnetlink, RemovesNoAddressWithAnotherLabel) {
  RouteSocket routes = open_routes();
  ASSERT_TRUE(routes.add_address(vip_on_lo()));
  Address other = vip_on_lo();
  other.label = "lo:7";
  const auto removed = routes.remove_address(other);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().sys_errno, EADDRNOTAVAIL);
  EXPECT_TRUE(find(vip_on_lo().addr));
}

TEST_F(Rtnetlink, RefusesALabelThatIsTooLong) {
  Address address = vip_on_lo();
  address.label = "lo:0123456789abc";
  const auto added = open_routes().add_address(address);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().what,
            "add 192.168.1.99/32 to lo: the label \"lo:0123456789abc\" is longer than 15 bytes");
}

TEST_F(Rtnetlink, AddsAnIpv6Address) {
  Address address;
  address.link = link("lo").index;
  address.addr = Ipv6Addr({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});
  address.prefix_len = 128;
  address.protocol = 76;
  RouteSocket routes = open_routes();
  const auto added = routes.add_address(address);
  ASSERT_TRUE(added) << added.error().what;
  const auto seen = find(address.addr);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->protocol, 76);
  EXPECT_EQ(seen->label, "");
  EXPECT_TRUE(routes.remove_address(address));
}

TEST_F(Rtnetlink, NamesTheLinksThatExistWhenOneDoesNot) {
  ASSERT_TRUE(open_routes().add_bridge("br0"));
  const auto missing = open_routes().link_named("eth9");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().sys_errno, ENODEV);
  const std::string& what = missing.error().what;
  EXPECT_TRUE(what.starts_with("there is no link \"eth9\" here; there are: br0,")) << what;
  EXPECT_NE(what.find("lo"), std::string::npos) << what;
}

Route host_route(LinkIndex out) {
  Route route;
  route.destination = {Ipv4Addr(192, 168, 1, 99), 32};
  route.out = out;
  route.protocol = 76;
  route.scope = RT_SCOPE_LINK;
  return route;
}

TEST_F(Rtnetlink, AddsARouteReadsItBackAndRemovesIt) {
  RouteSocket routes = open_routes();
  const Route route = host_route(link("lo").index);
  const auto added = routes.add_route(route);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(routes_to(route.destination), std::vector{route});
  const auto twice = routes.add_route(route);
  EXPECT_EQ(twice.error().sys_errno, EEXIST);
  EXPECT_TRUE(twice.error().what.starts_with("add the route to 192.168.1.99/32 by lo: "));
  ASSERT_TRUE(routes.remove_route(route));
  EXPECT_TRUE(routes_to(route.destination).empty());
}

TEST_F(Rtnetlink, RemovesOnlyTheRouteOfThisProtocolAndMetric) {
  RouteSocket routes = open_routes();
  Route foreign = host_route(link("lo").index);
  foreign.metric = 50;
  ASSERT_TRUE(routes.add_route(foreign));

  Route ours = foreign;
  ours.metric = 0;  // which the kernel would take for any
  EXPECT_EQ(routes.remove_route(ours).error().sys_errno, ESRCH);
  ours.metric = 50;
  ours.protocol = 99;
  EXPECT_EQ(routes.remove_route(ours).error().sys_errno, ESRCH);
  EXPECT_EQ(routes_to(foreign.destination), std::vector{foreign});
}

TEST_F(Rtnetlink, AddsARouteByAGatewayInAnotherTable) {
  const NetNamespace other = another_namespace();
  connect("v0", other, "v1");
  RouteSocket routes = open_routes();
  const LinkIndex v0 = link("v0").index;
  ASSERT_TRUE(routes.add_address({.link = v0,
                                  .addr = Ipv4Addr(10, 0, 0, 1),
                                  .prefix_len = 24,
                                  .scope = 0,
                                  .label = "",
                                  .protocol = 0,
                                  .flags = 0}));
  Route route;
  route.destination = {Ipv4Addr(10, 9, 0, 0), 16};
  route.gateway = Ipv4Addr(10, 0, 0, 2);
  route.preferred_source = Ipv4Addr(10, 0, 0, 1);
  route.out = v0;
  route.table = 1000;
  route.protocol = 76;
  route.metric = 7;
  const auto added = routes.add_route(route);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(routes_to(route.destination), std::vector{route});
  EXPECT_TRUE(routes.remove_route(route));
}

TEST_F(Rtnetlink, CarriesTheKernelsSentence) {
  Route route;
  route.destination = {Ipv4Addr(10, 9, 0, 0), 16};
  route.gateway = Ipv4Addr(10, 0, 0, 2);
  route.out = link("lo").index;
  const auto added = open_routes().add_route(route);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().what,
            "add the route to 10.9.0.0/16 by lo: Nexthop has invalid gateway (Network is "
            "unreachable)");
}

TEST_F(Rtnetlink, LooksUpTheRouteToAnAddress) {
  RouteSocket routes = open_routes();
  const auto route = routes.route_to(Ipv4Addr(127, 0, 0, 1));
  ASSERT_TRUE(route) << route.error().what;
  EXPECT_EQ(route->out, link("lo").index);
  EXPECT_EQ(route->type, RTN_LOCAL);
  const auto none = routes.route_to(Ipv4Addr(8, 8, 8, 8));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "look up the route to 8.8.8.8: Network is unreachable");
}

TEST_F(Rtnetlink, LooksUpTheRouteToAnIpv6Address) {
  RouteSocket routes = open_routes();
  constexpr Ipv6Addr loopback{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  constexpr Ipv6Addr away{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  const auto route = routes.route_to(loopback);
  ASSERT_TRUE(route) << route.error().what;
  EXPECT_EQ(route->out, link("lo").index);
  EXPECT_EQ(route->type, RTN_LOCAL);
  const auto none = routes.route_to(away);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "look up the route to 2001:db8::1: Network is unreachable");
}

TEST_F(Rtnetlink, ReadsADumpOfManyParts) {
  RouteSocket routes = open_routes();
  constexpr std::uint32_t count = 3000;
  Route route = host_route(link("lo").index);
  for (std::uint32_t i = 0; i < count; ++i) {
    route.destination = {Ipv4Addr(0x0a000000 + i), 32};
    ASSERT_TRUE(routes.add_route(route));
  }
  const auto all = routes.routes();
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ(std::ranges::count(*all, std::uint8_t{76}, &Route::protocol), count);
}

TEST_F(Rtnetlink, AddsANeighbourReadsItBackAndRemovesIt) {
  const NetNamespace other = another_namespace();
  connect("v0", other, "v1");
  Neighbour neighbour;
  neighbour.link = link("v0").index;
  neighbour.addr = Ipv4Addr(10, 0, 0, 9);
  neighbour.mac = MacAddr{{2, 0, 0, 0, 0, 9}};
  neighbour.state = NUD_PERMANENT;
  neighbour.protocol = 76;
  RouteSocket routes = open_routes();
  const auto added = routes.add_neighbour(neighbour);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(routes.add_neighbour(neighbour).error().sys_errno, EEXIST);
  const auto all = routes.neighbours();
  ASSERT_TRUE(all);
  EXPECT_EQ(std::ranges::count(*all, neighbour), 1);
  ASSERT_TRUE(routes.remove_neighbour(neighbour));
  EXPECT_EQ(std::ranges::count(*routes.neighbours(), neighbour.addr, &Neighbour::addr), 0);
}

TEST_F(Rtnetlink, LeavesProxyEntriesOutOfTheNeighbours) {
  const NetNamespace other = another_namespace();
  connect("v0", other, "v1");
  Neighbour proxy;
  proxy.link = link("v0").index;
  proxy.addr = Ipv4Addr(10, 0, 0, 9);
  proxy.flags = NTF_PROXY;
  RouteSocket routes = open_routes();
  const auto added = routes.add_neighbour(proxy);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(std::ranges::count(*routes.neighbours(), proxy.addr, &Neighbour::addr), 0);
  EXPECT_TRUE(routes.remove_neighbour(proxy)) << "it was there";
}

TEST_F(Rtnetlink, AskingForANeighbourAsksOnTheWire) {
  const NetNamespace other = another_namespace();
  connect("v0", other, "v1");
  RouteSocket routes = open_routes();
  const LinkIndex v0 = link("v0").index;
  ASSERT_TRUE(routes.add_address({.link = v0,
                                  .addr = Ipv4Addr(10, 0, 0, 1),
                                  .prefix_len = 24,
                                  .scope = 0,
                                  .label = "",
                                  .protocol = 0,
                                  .flags = 0}));
  const Inside inside(other);
  auto tap = PacketSocket::open(link("v1").index, {.ethertype = 0x0806});
  ASSERT_TRUE(tap) << tap.error().what;
  for (int twice = 0; twice < 2; ++twice)
    ASSERT_TRUE(routes.ask_neighbour(v0, Ipv4Addr(10, 0, 0, 2)));
  const auto asked = tap->receive_until(soon());
  ASSERT_TRUE(asked && *asked);
  const std::vector<std::uint8_t> target((*asked)->bytes.begin() + 38,
                                         (*asked)->bytes.begin() + 42);
  EXPECT_EQ(target, (std::vector<std::uint8_t>{10, 0, 0, 2}));
}

TEST_F(Rtnetlink, MakesAndChangesLinks) {
  const NetNamespace other = another_namespace();
  RouteSocket routes = open_routes();
  ASSERT_TRUE(routes.add_veth("eth0", "eth0", other.fd()));
  ASSERT_TRUE(routes.add_bridge("br0"));
  const LinkIndex eth0 = link("eth0").index;
  ASSERT_TRUE(routes.set_master(eth0, link("br0").index));
  ASSERT_TRUE(routes.set_mac(eth0, MacAddr{{2, 0, 0, 0, 0, 1}}));
  ASSERT_TRUE(routes.set_alias(eth0, "lvskit:web:lab"));
  ASSERT_TRUE(routes.set_up(eth0));

  const Link made = link("eth0");
  EXPECT_EQ(made.kind, "veth");
  EXPECT_EQ(made.master, link("br0").index);
  EXPECT_EQ(made.mac, (MacAddr{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(made.alias, "lvskit:web:lab");
  EXPECT_NE(made.flags & IFF_UP, 0U);
  EXPECT_EQ(link("br0").kind, "bridge");
  EXPECT_EQ(link("lo").kind, "");
  EXPECT_EQ(routes.add_bridge("br0").error().sys_errno, EEXIST);

  ASSERT_TRUE(routes.set_down(eth0));
  EXPECT_EQ(link("eth0").flags & IFF_UP, 0U);
  ASSERT_TRUE(routes.remove_link(eth0));
  EXPECT_FALSE(routes.link_named("eth0"));
  const Inside inside(other);
  EXPECT_FALSE(open_routes().link_named("eth0")) << "a veth goes with its peer";
}

TEST_F(Rtnetlink, ASocketKeepsTheNamespaceInWhichItWasOpened) {
  RouteSocket routes = open_routes();
  ASSERT_TRUE(routes.add_bridge("br0"));
  const NetNamespace other = another_namespace();
  const Inside inside(other);
  EXPECT_TRUE(routes.link_named("br0"));
  EXPECT_FALSE(open_routes().link_named("br0"));
}

/// The first event of this kind that fits, among those that are there now: the kernel queues them
/// before it acknowledges the change.
template <typename Changed>
std::optional<Changed> take(const std::vector<RouteEvent>& events,
                            const std::function<bool(const Changed&)>& fits) {
  for (const RouteEvent& event : events)
    if (const auto* changed = std::get_if<Changed>(&event); changed != nullptr && fits(*changed))
      return *changed;
  return std::nullopt;
}

TEST_F(Rtnetlink, TellsOfLinksAddressesRoutesAndNeighbours) {
  const NetNamespace other = another_namespace();
  auto events = RouteEvents::open();
  ASSERT_TRUE(events) << events.error().what;
  RouteSocket routes = open_routes();
  connect("v0", other, "v1");
  const LinkIndex v0 = link("v0").index;
  ASSERT_TRUE(routes.add_address(vip_on_lo()));
  ASSERT_TRUE(routes.add_route(host_route(v0)));
  Neighbour neighbour;
  neighbour.link = v0;
  neighbour.addr = Ipv4Addr(10, 0, 0, 9);
  neighbour.mac = MacAddr{{2, 0, 0, 0, 0, 9}};
  neighbour.state = NUD_PERMANENT;
  ASSERT_TRUE(routes.add_neighbour(neighbour));

  const auto seen = events->pending();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_TRUE(take<LinkChanged>(*seen, [](const auto& e) { return e.link.name == "v0"; }));
  EXPECT_TRUE(take<AddressChanged>(
      *seen, [](const auto& e) { return e.address.label == "lo:0" && !e.gone; }));
  EXPECT_TRUE(take<RouteChanged>(
      *seen, [&](const auto& e) { return e.route == host_route(v0) && !e.gone; }));
  EXPECT_TRUE(take<NeighbourChanged>(
      *seen, [&](const auto& e) { return e.neighbour.addr == neighbour.addr && !e.gone; }));
  EXPECT_TRUE(events->pending()->empty());
}

TEST_F(Rtnetlink, TellsWhatIsGone) {
  RouteSocket routes = open_routes();
  ASSERT_TRUE(routes.add_bridge("br0"));
  ASSERT_TRUE(routes.add_address(vip_on_lo()));
  auto events = RouteEvents::open();
  ASSERT_TRUE(events);
  ASSERT_TRUE(routes.remove_address(vip_on_lo()));
  ASSERT_TRUE(routes.remove_link(link("br0").index));
  const auto seen = events->pending();
  ASSERT_TRUE(seen);
  EXPECT_TRUE(take<AddressChanged>(
      *seen, [](const auto& e) { return e.address.label == "lo:0" && e.gone; }));
  EXPECT_TRUE(
      take<LinkChanged>(*seen, [](const auto& e) { return e.link.name == "br0" && e.gone; }));
}

TEST_F(Rtnetlink, APortThatLeavesItsBridgeIsNotGone) {
  RouteSocket routes = open_routes();
  ASSERT_TRUE(routes.add_bridge("br0"));
  ASSERT_TRUE(routes.add_veth("v0", "v1", -1));
  ASSERT_TRUE(routes.set_master(link("v0").index, link("br0").index));
  auto events = RouteEvents::open();
  ASSERT_TRUE(events);
  ASSERT_TRUE(routes.set_master(link("v0").index, LinkIndex{}));
  const auto seen = events->pending();
  ASSERT_TRUE(seen);
  const auto about_v0 = [](const LinkChanged& e) { return e.link.name == "v0"; };
  ASSERT_TRUE(take<LinkChanged>(*seen, about_v0)) << "the change itself must be told";
  EXPECT_FALSE(take<LinkChanged>(*seen, [](const auto& e) { return e.gone; }));
}

TEST_F(Rtnetlink, SaysThatEventsWereLost) {
  auto events = RouteEvents::open();
  ASSERT_TRUE(events);
  const int tiny = 2048;
  ASSERT_EQ(::setsockopt(events->fd(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny), 0);
  RouteSocket routes = open_routes();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(routes.add_address(vip_on_lo()));
    ASSERT_TRUE(routes.remove_address(vip_on_lo()));
  }
  const auto seen = events->pending();
  ASSERT_TRUE(seen) << seen.error().what;
  ASSERT_FALSE(seen->empty());
  EXPECT_TRUE(std::holds_alternative<EventsLost>(seen->back()));
}

}  // namespace
}  // namespace lvs::linux_net
