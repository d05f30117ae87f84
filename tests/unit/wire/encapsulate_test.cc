#include "net/wire/encapsulate.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "net/wire/finish.h"
#include "net/wire/tunnel.h"
#include "tests/support/packet_literal.h"
#include "tests/support/packets.h"

namespace lvs::wire {
namespace {

using test::operator""_packet;
using Bytes = std::vector<std::uint8_t>;

constexpr Ipv4Addr kDirector4{10, 0, 0, 1};
constexpr Ipv6Addr kDirector6{{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

Tunnel tunnel_over(Family family, TunnelType type, bool checksum) {
  Tunnel tunnel{.type = type, .checksum = checksum, .port = Port{6080}};
  tunnel.source = family == Family::Ipv4 ? IpAddr{kDirector4} : IpAddr{kDirector6};
  tunnel.destination = family == Family::Ipv4 ? IpAddr{test::kServer4} : IpAddr{test::kServer6};
  return tunnel;
}

template <typename Addr>
Bytes encapsulated(const Bytes& inner, const Tunnel& tunnel, const OuterFields& fields) {
  const std::size_t overhead =
      tunnel_overhead(tunnel.type, tunnel.destination.family(), tunnel.checksum);
  Bytes packet(overhead, 0xee);
  packet.insert(packet.end(), inner.begin(), inner.end());
  encapsulate(packet, *ConstIpView<Addr>::parse(inner), tunnel, fields);
  return packet;
}

/// UDP "abc" to the VIP, TTL 63, ECT(1) and some DSCP, without DF.
Bytes small_packet() {
  test::PacketSpec<Ipv4Addr> spec = test::request_spec<Ipv4Addr>(Protocol::Udp, 3);
  spec.hops = 63;
  spec.tos = 0xb9;
  spec.dont_fragment = false;
  return test::make_packet(spec);
}

TEST(TunnelOverhead, IsThatOfIpvs) {
  const auto v4 = [](TunnelType type, bool checksum) {
    return tunnel_overhead(type, Family::Ipv4, checksum);
  };
  EXPECT_EQ(v4(TunnelType::IpIp, false), 20u);
  EXPECT_EQ(v4(TunnelType::Gue, false), 32u);
  EXPECT_EQ(v4(TunnelType::Gue, true), 32u);
  EXPECT_EQ(v4(TunnelType::Gre, false), 24u);
  EXPECT_EQ(v4(TunnelType::Gre, true), 28u);
  EXPECT_EQ(tunnel_overhead(TunnelType::Gue, Family::Ipv6, true), 52u);
}

/// The whole header as it must lie on the wire: the sum of its words, taken by hand, is 0xffff.
TEST(Encapsulate, WritesTheIpipHeaderOfRfc2003) {
  const Bytes inner = small_packet();
  const Bytes packet = encapsulated<Ipv4Addr>(
      inner, tunnel_over(Family::Ipv4, TunnelType::IpIp, false), {.id = 0x0102});
  constexpr auto kExpected = "45 b9 00 33 01 02 00 00 3f 04 66 01 0a 00 00 01 0a 00 00 0b"_packet;
  EXPECT_EQ(Bytes(packet.begin(), packet.begin() + 20), Bytes(kExpected.begin(), kExpected.end()));
  EXPECT_EQ(Bytes(packet.begin() + 20, packet.end()), inner);
}

TEST(Encapsulate, WritesGueWithItsPorts) {
  const Bytes packet =
      encapsulated<Ipv4Addr>(small_packet(), tunnel_over(Family::Ipv4, TunnelType::Gue, false),
                             {.source_port = Port{0xc123}});
  EXPECT_EQ(packet[9], 17);
  constexpr auto kExpected = "c1 23 17 c0 00 2b 00 00 00 04 00 00"_packet;
  EXPECT_EQ(Bytes(packet.begin() + 20, packet.begin() + 32),
            Bytes(kExpected.begin(), kExpected.end()));
}

TEST(Encapsulate, WritesGreWithItsChecksum) {
  const Bytes packet =
      encapsulated<Ipv4Addr>(small_packet(), tunnel_over(Family::Ipv4, TunnelType::Gre, true), {});
  EXPECT_EQ(packet[9], 47);
  EXPECT_EQ(load_be32(packet, 20), 0x80000800u);
  EXPECT_EQ(load_be16(packet, 26), 0) << "reserved";
  EXPECT_EQ(test::reference_checksum({packet.begin() + 20, packet.end()}), 0);
}

/// Our own other end reads it, and the reference finds all checksums right.
template <typename Addr>
void check_tunnel(const Bytes& inner, const Tunnel& tunnel) {
  const bool v4 = tunnel.destination.is_v4();
  const Bytes packet = encapsulated<Addr>(inner, tunnel, {.source_port = Port{50000}});
  const ConstBytes shim = ConstBytes{packet}.subspan(v4 ? 20 : 40);
  TunnelLayer layer{0, ConstIpView<Addr>::kFamily};
  if (tunnel.type == TunnelType::Gre) layer = *gre_layer(shim);
  if (tunnel.type == TunnelType::Gue) layer = *gue_layer(shim.subspan(8));
  EXPECT_EQ(layer.inner, ConstIpView<Addr>::kFamily);
  const bool is_gue = tunnel.type == TunnelType::Gue;
  EXPECT_EQ(layer.size + (is_gue ? 8 : 0), shim.size() - inner.size());
  EXPECT_EQ(packet[v4 ? 8 : 7], 63) << "hops";
  if (tunnel.type == TunnelType::Gre && tunnel.checksum) {
    EXPECT_EQ(test::reference_checksum({shim.begin(), shim.end()}), 0);
  }
  if (is_gue) {
    EXPECT_EQ(load_be16(shim, 6) != 0, tunnel.checksum);
    EXPECT_EQ(load_be16(shim, 4), shim.size());
  }
  const bool breaks_rfc8200 = is_gue && !tunnel.checksum && !v4;
  EXPECT_EQ(test::has_right_checksums(packet), !breaks_rfc8200);
}

template <typename Addr>
void check_all_tunnels(const Bytes& inner) {
  for (const Family outer : {Family::Ipv4, Family::Ipv6}) {
    for (const TunnelType type : {TunnelType::IpIp, TunnelType::Gue, TunnelType::Gre}) {
      check_tunnel<Addr>(inner, tunnel_over(outer, type, false));
      check_tunnel<Addr>(inner, tunnel_over(outer, type, true));
    }
  }
}

TEST(Encapsulate, TakesEitherFamilyInEither) {
  check_all_tunnels<Ipv4Addr>(small_packet());
  test::PacketSpec<Ipv6Addr> spec = test::request_spec<Ipv6Addr>(Protocol::Tcp, 3);
  spec.hops = 63;
  check_all_tunnels<Ipv6Addr>(test::make_packet(spec));
}

TEST(Encapsulate, CopiesTheTrafficClassWithItsEcnField) {
  test::PacketSpec<Ipv6Addr> spec = test::request_spec<Ipv6Addr>(Protocol::Tcp, 3);
  for (unsigned tos = 0; tos < 256; ++tos) {
    spec.tos = static_cast<std::uint8_t>(tos);
    const Bytes inner = test::make_packet(spec);
    for (const Family outer : {Family::Ipv4, Family::Ipv6}) {
      const Bytes packet =
          encapsulated<Ipv6Addr>(inner, tunnel_over(outer, TunnelType::IpIp, false), {});
      EXPECT_EQ(outer == Family::Ipv4 ? packet[1] : load_be16(packet, 0) >> 4 & 0xff, tos);
    }
  }
}

/// Facts of IPVS, 2.13: DF is the inner one's with pmtu_disc, else clear; IPv6 has none.
TEST(Encapsulate, CopiesDontFragmentWhereThePathsMtuIsDiscovered) {
  const Tunnel tunnel = tunnel_over(Family::Ipv4, TunnelType::IpIp, false);
  const Bytes may_not = test::make_request<Ipv4Addr>(Protocol::Tcp, 3);
  EXPECT_EQ(encapsulated<Ipv4Addr>(may_not, tunnel, {})[6], 0x40);
  EXPECT_EQ(encapsulated<Ipv4Addr>(may_not, tunnel, {.path_mtu_discovery = false})[6], 0);
  EXPECT_EQ(encapsulated<Ipv4Addr>(small_packet(), tunnel, {})[6], 0);
  const Bytes inner6 = test::make_request<Ipv6Addr>(Protocol::Tcp, 3);
  EXPECT_EQ(encapsulated<Ipv6Addr>(inner6, tunnel, {})[6], 0);
}

TEST(EntropyPort, IsInTheDynamicRange) {
  for (const std::uint32_t hash : {0u, 1u, 0xffffu, 0x10000u, 0xdeadbeefu, 0xffffffffu})
    EXPECT_GE(entropy_port(hash).number, 49152);
  EXPECT_NE(entropy_port(1), entropy_port(2));
  EXPECT_NE(entropy_port(0x10000), entropy_port(0x20000)) << "the high half counts too";
}

/// A frame as the engine leaves it in headroom, its inner checksum still the pseudo-header's sum.
template <typename Addr>
void check_finish_frame(Family outer, TunnelType type, Protocol protocol) {
  const Bytes right = test::make_request<Addr>(protocol, 2);
  Bytes unfinished = right;
  const std::size_t field =
      ConstIpView<Addr>::parse(right)->header_length() + detail::checksum_field(protocol);
  store_be16(unfinished, field, 0x1234);
  const Tunnel tunnel = tunnel_over(outer, type, true);
  const Bytes packet = encapsulated<Addr>(unfinished, tunnel, {.finish_later = true});
  Bytes frame(14);
  store_ethernet(frame, MacAddr{}, MacAddr{},
                 outer == Family::Ipv4 ? EtherType::Ipv4 : EtherType::Ipv6);
  frame.insert(frame.end(), packet.begin(), packet.end());
  frame.resize(frame.size() + 5);  // padding, as short frames have it
  ASSERT_TRUE(finish_frame(frame, tunnel_overhead(type, outer, true)));
  frame.resize(frame.size() - 5);
  const Bytes sent(frame.begin() + 14, frame.end());
  EXPECT_EQ(sent, encapsulated<Addr>(right, tunnel, {}));
  EXPECT_TRUE(test::has_right_checksums(sent));
}

TEST(FinishFrame, FinishesTheInnerPacketAndThenTheOuter) {
  for (const TunnelType type : {TunnelType::IpIp, TunnelType::Gue, TunnelType::Gre}) {
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp}) {
      check_finish_frame<Ipv4Addr>(Family::Ipv4, type, protocol);
      check_finish_frame<Ipv4Addr>(Family::Ipv6, type, protocol);
      check_finish_frame<Ipv6Addr>(Family::Ipv4, type, protocol);
      check_finish_frame<Ipv6Addr>(Family::Ipv6, type, protocol);
    }
  }
}

TEST(FinishFrame, RefusesFragmentsAndWhatItCannotRead) {
  Bytes frame(14);
  frame[12] = 8;
  const Bytes packet = test::make_request<Ipv4Addr>(Protocol::Tcp, 2);
  frame.insert(frame.end(), packet.begin(), packet.end());
  EXPECT_TRUE(finish_frame(frame, 0));
  EXPECT_FALSE(finish_frame(frame, 20));
  EXPECT_FALSE(finish_frame(frame, 100));
  frame[14 + 6] = 0x20;
  EXPECT_FALSE(finish_frame(frame, 0));
}

}  // namespace
}  // namespace lvs::wire
