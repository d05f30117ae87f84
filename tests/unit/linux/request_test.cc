#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <cstring>
#include <string>
#include <vector>

#include "net/linux/netlink.h"
#include "net/linux/rtnetlink_requests.h"

namespace lvs::linux_net {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const Request& request) { return {request.bytes().begin(), request.bytes().end()}; }

constexpr std::uint16_t kAdd = NLM_F_CREATE | NLM_F_EXCL;

// The expectations below are written for a little-endian host, as netlink speaks the host's order.
// clang-format off

TEST(Request, AddsAnAddressWithLabelAndProtocol) {
  Request request(RTM_NEWADDR, kAdd);
  put_address(request, {.link = LinkIndex{7}, .addr = Ipv4Addr(192, 168, 1, 99), .prefix_len = 32,
                        .scope = RT_SCOPE_HOST, .label = "lo:0", .protocol = 76, .flags = 0});
  const Bytes expected{
      60, 0, 0, 0, 20, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,  // length, type, REQUEST|CREATE|EXCL
      2, 32, 0, 254, 7, 0, 0, 0,                               // AF_INET, /32, host, link 7
      8, 0, 2, 0, 192, 168, 1, 99,                             // IFA_LOCAL
      8, 0, 1, 0, 192, 168, 1, 99,                             // IFA_ADDRESS
      9, 0, 3, 0, 'l', 'o', ':', '0', 0, 0, 0, 0,              // IFA_LABEL
      5, 0, 11, 0, 76, 0, 0, 0,                                // IFA_PROTO
      };
  EXPECT_EQ(bytes_of(request), expected);
}

TEST(Request, AsksForTheRouteToAnAddressAndItsTable) {
  Request request(RTM_GETROUTE, 0);
  put_route_question(request, Ipv4Addr(10, 1, 2, 3), LinkIndex{3});
  const Bytes expected{
      44, 0, 0, 0, 26, 0, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
      2, 32, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0,  // AF_INET, /32, RTM_F_LOOKUP_TABLE
      8, 0, 1, 0, 10, 1, 2, 3,                 // RTA_DST
      8, 0, 4, 0, 3, 0, 0, 0,                  // RTA_OIF
      };
  EXPECT_EQ(bytes_of(request), expected);
}

TEST(Request, AsksForAnIpv6RouteWithoutFlagsWhichTheKernelRefuses) {
  Request request(RTM_GETROUTE, 0);
  put_route_question(request, Ipv6Addr{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}}, {});
  const Bytes expected{
      48, 0, 0, 0, 26, 0, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
      10, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // AF_INET6, /128, no flags
      20, 0, 1, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,  // RTA_DST
      };
  EXPECT_EQ(bytes_of(request), expected);
}

TEST(Request, AddsARouteWithProtocolMetricAndTable) {
  Request request(RTM_NEWROUTE, kAdd);
  Route route;
  route.destination = {Ipv4Addr(10, 1, 2, 3), 16};
  route.gateway = Ipv4Addr(10, 0, 0, 1);
  route.out = LinkIndex{3};
  route.table = 254;
  route.protocol = 76;
  route.metric = 5;
  put_route(request, route);
  const Bytes expected{
      68, 0, 0, 0, 24, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
      2, 16, 0, 0, 0, 76, 0, 1, 0, 0, 0, 0,  // AF_INET, /16, table by attribute, proto 76, unicast
      8, 0, 1, 0, 10, 1, 0, 0,               // RTA_DST, without its host bits
      8, 0, 15, 0, 254, 0, 0, 0,             // RTA_TABLE
      8, 0, 4, 0, 3, 0, 0, 0,                // RTA_OIF
      8, 0, 6, 0, 5, 0, 0, 0,                // RTA_PRIORITY
      8, 0, 5, 0, 10, 0, 0, 1,               // RTA_GATEWAY
      };
  EXPECT_EQ(bytes_of(request), expected);
}

TEST(Request, PutsAGatewayOfTheOtherFamilyIntoVia) {
  Request request(RTM_NEWROUTE, kAdd);
  Route route;
  route.gateway = Ipv6Addr({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  put_route(request, route);
  const Bytes via{22, 0, 18, 0, 10, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};
  const Bytes all = bytes_of(request);
  ASSERT_GE(all.size(), via.size());
  EXPECT_EQ(Bytes(all.end() - static_cast<std::ptrdiff_t>(via.size()), all.end()), via);
}

TEST(Request, AddsANeighbourWithProtocol) {
  Request request(RTM_NEWNEIGH, kAdd);
  Neighbour neighbour;
  neighbour.link = LinkIndex{2};
  neighbour.addr = Ipv4Addr(10, 0, 0, 9);
  neighbour.mac = MacAddr{{2, 0, 0, 0, 0, 1}};
  neighbour.state = NUD_PERMANENT;
  neighbour.protocol = 76;
  put_neighbour(request, neighbour);
  const Bytes expected{
      56, 0, 0, 0, 28, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
      2, 0, 0, 0, 2, 0, 0, 0, 0x80, 0, 0, 0,    // AF_INET, link 2, permanent
      8, 0, 1, 0, 10, 0, 0, 9,                  // NDA_DST
      10, 0, 2, 0, 2, 0, 0, 0, 0, 1, 0, 0,      // NDA_LLADDR
      5, 0, 12, 0, 76, 0, 0, 0,                 // NDA_PROTOCOL
      };
  EXPECT_EQ(bytes_of(request), expected);
}

TEST(Request, MakesAVethPairWithTheFarEndInAnotherNamespace) {
  Request request(RTM_NEWLINK, kAdd);
  put_veth(request, "a", "b", 9);
  const Bytes expected{
      96, 0, 0, 0, 16, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // ifinfomsg
      6, 0, 3, 0, 'a', 0, 0, 0,                        // IFLA_IFNAME
      56, 0, 18, 0x80,                                 // IFLA_LINKINFO
      9, 0, 1, 0, 'v', 'e', 't', 'h', 0, 0, 0, 0,      // IFLA_INFO_KIND
      40, 0, 2, 0x80,                                  // IFLA_INFO_DATA
      36, 0, 1, 0x80,                                  // VETH_INFO_PEER
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // the peer's ifinfomsg
      6, 0, 3, 0, 'b', 0, 0, 0,                        // its IFLA_IFNAME
      8, 0, 28, 0, 9, 0, 0, 0,                         // its IFLA_NET_NS_FD
      };
  EXPECT_EQ(bytes_of(request), expected);
}
// clang-format on

TEST(Request, LeavesOutFlagsThatOnlyTheKernelSets) {
  Request request(RTM_NEWADDR, kAdd);
  Address address;
  address.flags = IFA_F_PERMANENT | IFA_F_SECONDARY;
  put_address(request, address);
  Request without(RTM_NEWADDR, kAdd);
  put_address(without, Address{});
  EXPECT_EQ(bytes_of(request), bytes_of(without));
}

TEST(Request, IsIncompleteOnceAnAttributeDidNotFit) {
  Request request(RTM_NEWLINK, 0);
  request.attr(1, std::string(4000, 'x'));
  EXPECT_TRUE(request.complete());
  request.attr(2, std::string(100, 'x'));
  EXPECT_FALSE(request.complete());
  request.attr(3, std::uint8_t{1});
  EXPECT_FALSE(request.complete()) << "a smaller one that would fit must not hide the loss";
}

TEST(Request, IsIncompleteWhenAnAttributeIsLongerThanItsLengthFieldCanSay) {
  Request request(RTM_NEWLINK, 0);
  request.attr(1, std::string(70000, 'x'));
  EXPECT_FALSE(request.complete());
}

TEST(Request, IsIncompleteWhenANestOrRawBytesDoNotFit) {
  Request nests(RTM_NEWLINK, 0);
  for (int i = 0; i < 2000; ++i) nests.begin_nest(1);
  EXPECT_FALSE(nests.complete());
  nests.end_nest(nullptr);

  Request raw(RTM_NEWLINK, 0);
  raw.raw(Bytes(4096));
  EXPECT_FALSE(raw.complete());
}

}  // namespace
}  // namespace lvs::linux_net
