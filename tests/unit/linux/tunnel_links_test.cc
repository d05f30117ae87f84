#include "net/linux/tunnel_links.h"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <vector>

#include "net/wire/addr_text.h"

namespace lvs::linux_net {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Written for a little-endian host, as netlink speaks the host's order.
// clang-format off

TEST(TunnelLinks, AnIpipDeviceIsAskedForByKindAndLocalAddress) {
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  put_tunnel(request, {.name = "lv4", .kind = "ipip", .local = Ipv4Addr(10, 0, 0, 2)});
  const Bytes expected{
      84, 0, 0, 0, 16, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      8, 0, 3, 0, 'l', 'v', '4', 0,                // IFLA_IFNAME
      44, 0, 18, 0x80,                             // IFLA_LINKINFO
      9, 0, 1, 0, 'i', 'p', 'i', 'p', 0, 0, 0, 0,  // IFLA_INFO_KIND
      28, 0, 2, 0x80,                              // IFLA_INFO_DATA
      8, 0, 2, 0, 10, 0, 0, 2,                     // IFLA_IPTUN_LOCAL
      5, 0, 4, 0, 64, 0, 0, 0,                     // IFLA_IPTUN_TTL
      5, 0, 10, 0, 1, 0, 0, 0,                     // IFLA_IPTUN_PMTUDISC
      };
  EXPECT_EQ(Bytes(request.bytes().begin(), request.bytes().end()), expected);
}
// clang-format on

TunnelLink read_back(const TunnelLink& tunnel) {
  Request message(RTM_NEWLINK, 0);
  put_tunnel(message, tunnel);
  message.attr(IFLA_IFALIAS, tunnel.alias);
  return parse_tunnel(*message.header()).value_or(TunnelLink{});
}

TEST(TunnelLinks, WhatTheKernelTellsOfADeviceIsReadBack) {
  for (const TunnelLink& tunnel :
       {TunnelLink{{}, "a", "ipip", *parse_ip("10.0.0.2"), "lvskit:web:tunnel"},
        TunnelLink{{}, "b", "sit", *parse_ip("10.0.0.2"), ""},
        TunnelLink{{}, "c", "ip6tnl", *parse_ip("fd00::2"), "somebody's"}})
    EXPECT_EQ(read_back(tunnel), tunnel);
}

TEST(TunnelLinks, ADeviceWithoutEndsTakesAnyAddressOfItsFamily) {
  Request message(RTM_NEWLINK, 0);
  message.fixed<ifinfomsg>().ifi_index = 4;
  message.attr(IFLA_IFNAME, std::string_view{"ip6tnl0"});
  nlattr* const info = message.begin_nest(IFLA_LINKINFO);
  message.attr(IFLA_INFO_KIND, std::string_view{"ip6tnl"});
  message.end_nest(info);
  EXPECT_EQ(parse_tunnel(*message.header())->local, IpAddr{Ipv6Addr{}});
}

TEST(TunnelLinks, OtherLinksAreNoTunnels) {
  EXPECT_EQ(read_back({{}, "v", "veth", *parse_ip("10.0.0.2"), ""}), TunnelLink{});
}

TEST(TunnelLinks, ANameThatIsTooLongIsRefusedBeforeTheKernelHearsOfIt) {
  const auto made = add_tunnel({{}, "sixteen-bytes-xx", "ipip", *parse_ip("10.0.0.2"), ""});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().what,
            "make the ipip device sixteen-bytes-xx (local 10.0.0.2): a link's name has 1 to 15 "
            "bytes");
}

}  // namespace
}  // namespace lvs::linux_net
