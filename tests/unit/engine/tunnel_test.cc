#include <gtest/gtest.h>

#include "net/wire/icmpv6.h"
#include "tests/support/family.h"

// Method Tunnel (facts of IPVS, 2.13): outer headers field by field, the inner packet byte by byte,
// and errors about outer packets (2.15).

namespace lvs::director {
namespace {

using test::FamilyBench;
using test::PacketSpec;
using namespace wire::tcp_flag;

const Ipv6Addr kOwn6{{0xfd, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 0, 0, 1}};
constexpr Ipv4Addr kOwn4{192, 168, 10, 1};

/// A bench whose only server is at the other end of a tunnel, of either family.
template <typename Addr>
struct TunnelBench : FamilyBench<Addr> {
  TunnelBench(const TunnelConfig& tunnel, const IpAddr& server, std::uint16_t mtu = 1500)
      : FamilyBench<Addr>(Protocol::Tcp, ForwardMethod::Masq) {
    NextHop way = this->hop_value;
    way.own_address = server.is_v4() ? IpAddr{kOwn4} : IpAddr{kOwn6};
    way.mtu = mtu;
    this->engine.set_next_hop(this->hop, way);
    EXPECT_TRUE(this->engine.remove_server(this->service.key, test::Ends<Addr>::kServer, Port{8080},
                                           this->now));
    ServerConfig config = test::server_of<Addr>(ForwardMethod::Tunnel, *this, Port{80});
    config.address = server;
    config.tunnel = tunnel;
    this->engine.add_server(this->service.key, config).value();
  }
};

template <typename Addr>
std::vector<std::uint8_t> inner_of(const PacketSpec<Addr>& spec) {
  PacketSpec<Addr> sent = spec;
  sent.hops = static_cast<std::uint8_t>(sent.hops - 1);
  return test::make_packet(sent);
}

std::vector<std::uint8_t> behind(const std::vector<std::uint8_t>& packet, std::size_t length) {
  return {packet.begin() + static_cast<std::ptrdiff_t>(length), packet.end()};
}

TEST(Tunnel, WrapsIpv4InIpv4) {
  TunnelBench<Ipv4Addr> bench({}, test::kServer4);
  PacketSpec<Ipv4Addr> spec = bench.request();
  spec.tos = 0x2a;
  for (const bool dont_fragment : {true, false}) {
    spec.dont_fragment = dont_fragment;
    std::vector<std::uint8_t> packet = test::make_packet(spec);
    const Verdict verdict = bench.pass_packet(packet);
    ASSERT_EQ(verdict.action, Action::Forward);
    EXPECT_EQ(verdict.outer_length, 20);
    const auto outer = *wire::ConstIpv4View::parse(packet);
    EXPECT_TRUE(outer.has_valid_checksum());
    EXPECT_EQ(outer.source(), kOwn4);
    EXPECT_EQ(outer.destination(), test::kServer4);
    EXPECT_EQ(outer.protocol(), Protocol::IpIp);
    EXPECT_EQ(outer.ttl(), 63);
    EXPECT_EQ(outer.tos(), 0x2a);
    EXPECT_EQ(outer.may_be_fragmented(), !dont_fragment);
    EXPECT_EQ(outer.total_length(), packet.size());
    EXPECT_EQ(behind(packet, 20), inner_of(spec));
    const auto ethernet = *wire::EthernetView::parse(bench.last);
    EXPECT_EQ(ethernet.destination(), bench.hop_value.destination);
    EXPECT_EQ(ethernet.source(), bench.hop_value.source);
  }
}

TEST(Tunnel, GivesEachOuterHeaderAnIdOfItsOwn) {
  TunnelBench<Ipv4Addr> bench({}, test::kServer4);
  std::vector<std::uint8_t> first = test::make_packet(bench.request());
  std::vector<std::uint8_t> second = first;
  bench.pass_packet(first);
  bench.pass_packet(second);
  EXPECT_NE(wire::load_be16(first, 4), wire::load_be16(second, 4));
}

struct Wrapping {
  const char* name;
  TunnelConfig tunnel;
  Protocol protocol;
  std::size_t shim;
};
const Wrapping kWrappings[] = {
    {"gue", {TunnelType::Gue, Port{6080}, false}, Protocol::Udp, 12},
    {"gue checksum", {TunnelType::Gue, Port{6080}, true}, Protocol::Udp, 12},
    {"gre", {TunnelType::Gre, {}, false}, Protocol::Gre, 4},
    {"gre checksum", {TunnelType::Gre, {}, true}, Protocol::Gre, 8},
};

template <typename Inner>
void expect_wrapped(const Wrapping& wrapping, const IpAddr& server) {
  SCOPED_TRACE(wrapping.name);
  TunnelBench<Inner> bench(wrapping.tunnel, server);
  std::vector<std::uint8_t> packet = test::make_packet(bench.request());
  const Verdict verdict = bench.pass_packet(packet);
  ASSERT_EQ(verdict.action, Action::Forward);
  const std::size_t header = server.is_v4() ? 20 : 40;
  EXPECT_EQ(verdict.outer_length, header + wrapping.shim);
  EXPECT_EQ(behind(packet, verdict.outer_length), inner_of(bench.request()));
  EXPECT_EQ(packet[server.is_v4() ? 9 : 6], static_cast<std::uint8_t>(wrapping.protocol));
  EXPECT_EQ(packet[server.is_v4() ? 8 : 7], 63) << "the inner packet's hops";
  const wire::ConstBytes shim = wire::ConstBytes{packet}.subspan(header, wrapping.shim);
  const std::uint8_t carried = std::is_same_v<Inner, Ipv4Addr> ? 4 : 41;
  if (wrapping.protocol == Protocol::Gre) {
    EXPECT_EQ(wire::load_be16(shim, 0), wrapping.tunnel.checksum ? 0x8000 : 0);
    EXPECT_EQ(wire::load_be16(shim, 2), carried == 4 ? 0x0800 : 0x86dd);
    if (wrapping.tunnel.checksum) {
      EXPECT_EQ(test::reference_checksum(behind(packet, header)), 0) << "over all that it covers";
    }
    return;
  }
  EXPECT_GE(wire::load_be16(shim, 0), 49152);
  EXPECT_EQ(wire::load_be16(shim, 2), 6080);
  EXPECT_EQ(wire::load_be16(shim, 4), packet.size() - header);
  EXPECT_EQ(wire::load_be16(shim, 6) != 0, wrapping.tunnel.checksum);
  if (wrapping.tunnel.checksum) {
    EXPECT_TRUE(test::has_right_checksums(packet));
  }
  EXPECT_EQ(shim[9], carried);
}

TEST(Tunnel, WrapsEveryFamilyInEveryOtherByGueAndGre) {
  for (const Wrapping& wrapping : kWrappings) {
    expect_wrapped<Ipv4Addr>(wrapping, test::kServer4);
    expect_wrapped<Ipv4Addr>(wrapping, test::kServer6);
    expect_wrapped<Ipv6Addr>(wrapping, test::kServer4);
    expect_wrapped<Ipv6Addr>(wrapping, test::kServer6);
  }
}

TEST(Tunnel, MixesFamiliesByIpInIp) {
  TunnelBench<Ipv6Addr> six_in_four({}, test::kServer4);
  std::vector<std::uint8_t> packet = test::make_packet(six_in_four.request());
  EXPECT_EQ(six_in_four.pass_packet(packet).outer_length, 20);
  EXPECT_EQ(packet[9], 41);
  EXPECT_EQ(behind(packet, 20), inner_of(six_in_four.request()));
  EXPECT_EQ(wire::load_be16(six_in_four.last, 12), 0x0800);

  TunnelBench<Ipv4Addr> four_in_six({}, test::kServer6);
  packet = test::make_packet(four_in_six.request());
  EXPECT_EQ(four_in_six.pass_packet(packet).outer_length, 40);
  EXPECT_EQ(packet[6], 4);
  EXPECT_EQ(behind(packet, 40), inner_of(four_in_six.request()));
  EXPECT_EQ(wire::load_be16(four_in_six.last, 12), 0x86dd);
}

TEST(Tunnel, TellsTheMtuLessItsHeaders) {
  TunnelBench<Ipv4Addr> bench({}, test::kServer4);
  bench.pass_packet(bench.request());
  PacketSpec<Ipv4Addr> spec = bench.request(kAck);
  spec.payload = 1440;
  EXPECT_EQ(bench.pass_packet(spec).action, Action::Forward);
  spec.payload = 1441;
  const Verdict verdict = bench.pass_packet(spec);
  ASSERT_EQ(verdict.action, Action::Answer);
  const auto ip = *wire::ConstIpv4View::parse(bench.answer(verdict).subspan(14));
  EXPECT_EQ(wire::ConstIcmpView::parse(ip.payload())->next_hop_mtu(), 1480);
  EXPECT_EQ(ip.source(), test::kVip4);
}

TEST(Tunnel, TellsIpv6TheMtuLessItsHeaders) {
  TunnelBench<Ipv6Addr> bench({TunnelType::Gue, Port{6080}, false}, test::kServer6);
  bench.pass_packet(bench.request());
  PacketSpec<Ipv6Addr> spec = bench.request(kAck);
  spec.payload = 1500;
  const Verdict verdict = bench.pass_packet(spec);
  ASSERT_EQ(verdict.action, Action::Answer);
  EXPECT_LE(verdict.answer_length, 14 + 1280);
  const wire::ConstBytes frame = bench.answer(verdict);
  EXPECT_TRUE(test::has_right_checksums(frame.subspan(14)));
  const auto ip = *wire::ConstIpv6View::parse(frame.subspan(14));
  const auto icmp = *wire::ConstIcmpv6View::parse(ip.payload());
  EXPECT_TRUE(icmp.is_too_big());
  EXPECT_EQ(icmp.next_hop_mtu(), 1500u - 52u);
}

TEST(Tunnel, CutsWhatMayBeCut) {
  TunnelBench<Ipv4Addr> bench({}, test::kServer4);
  bench.pass_packet(bench.request());
  PacketSpec<Ipv4Addr> spec = bench.request(kAck);
  spec.payload = 1441;
  spec.dont_fragment = false;
  EXPECT_EQ(bench.pass_packet(spec).piece_length, 1500);
  // Facts of IPVS, 2.13: without pmtu_disc, also what the client forbade to cut; DF is cleared.
  spec.dont_fragment = true;
  bench.engine.set_settings({.pmtu_disc = false});
  std::vector<std::uint8_t> packet = test::make_packet(spec);
  EXPECT_EQ(bench.pass_packet(packet).piece_length, 1500);
  EXPECT_TRUE(wire::ConstIpv4View::parse(packet)->may_be_fragmented());
}

// Facts of IPVS, 2.13: "tunnel MTU < 68 (v4) -> error"; 1280 for IPv6.
TEST(Tunnel, IsNoneWhereTheWayIsTooNarrow) {
  TunnelBench<Ipv4Addr> narrow4({}, test::kServer4, 87);
  EXPECT_EQ(narrow4.pass_packet(narrow4.request()).reason, DropReason::TooBig);
  TunnelBench<Ipv6Addr> narrow6({}, test::kServer6, 1319);
  EXPECT_EQ(narrow6.pass_packet(narrow6.request()).reason, DropReason::TooBig);
  TunnelBench<Ipv6Addr> wide6({}, test::kServer6, 1320);
  EXPECT_EQ(wide6.pass_packet(wide6.request()).action, Action::Forward);
}

TEST(Tunnel, NeedsHeadroom) {
  TunnelBench<Ipv4Addr> bench({}, test::kServer4);
  test::Bytes frame = test::frame_of(test::make_packet(bench.request()));
  Frame given{.bytes = frame, .headroom = 19, .ingress = {1}};
  EXPECT_EQ(bench.engine.process(given, bench.now, bench.scratch).reason, DropReason::SendFailed);
}

/// An error from a router on the way to the server, about an outer packet.
std::vector<std::uint8_t> error_about(const std::vector<std::uint8_t>& outer, std::uint8_t type,
                                      std::uint8_t code, std::uint16_t mtu) {
  std::vector<std::uint8_t> packet(28);
  packet.insert(packet.end(), outer.begin(), outer.end());
  wire::store_ipv4(
      packet,
      {.source = Ipv4Addr(192, 168, 10, 254), .destination = kOwn4, .protocol = Protocol::Icmp});
  packet[20] = type;
  packet[21] = code;
  wire::store_be16(packet, 26, mtu);
  test::finish_packet(packet);
  return packet;
}

template <typename Addr>
std::vector<std::uint8_t> outer_packet(TunnelBench<Addr>& bench, const PacketSpec<Addr>& spec) {
  std::vector<std::uint8_t> packet = test::make_packet(spec);
  EXPECT_EQ(bench.pass_packet(packet).action, Action::Forward);
  return packet;
}

TEST(TunnelError, TellsTheClientAndLearnsTheMtu) {
  TunnelBench<Ipv4Addr> bench({}, test::kServer4);
  bench.pass_packet(bench.request());
  PacketSpec<Ipv4Addr> big = bench.request(kAck);
  big.payload = 1000;
  std::vector<std::uint8_t> error = error_about(outer_packet(bench, big), 3, 4, 900);
  const NextHopId back = bench.route_to(test::kClient4);
  const Verdict verdict = bench.pass_packet(error);
  ASSERT_EQ(verdict.action, Action::Forward);
  EXPECT_EQ(verdict.next_hop, back);
  EXPECT_TRUE(test::has_right_checksums(error));
  const auto ip = *wire::ConstIpv4View::parse(error);
  EXPECT_EQ(ip.source(), test::kVip4);
  EXPECT_EQ(ip.destination(), test::kClient4);
  const auto icmp = *wire::ConstIcmpView::parse(ip.payload());
  EXPECT_TRUE(icmp.is_too_big());
  EXPECT_EQ(icmp.next_hop_mtu(), 880);
  EXPECT_EQ(icmp.quoted()->source(), test::kClient4);
  EXPECT_LE(error.size(), 576u);

  const Verdict again = bench.pass_packet(big);
  ASSERT_EQ(again.action, Action::Answer) << "the way's MTU is known now";
  const auto answer = *wire::ConstIpv4View::parse(bench.answer(again).subspan(14));
  EXPECT_EQ(wire::ConstIcmpView::parse(answer.payload())->next_hop_mtu(), 880);
}

TEST(TunnelError, RelaysOthersAndTranslatesThemBetweenFamilies) {
  TunnelBench<Ipv4Addr> four({TunnelType::Gue, Port{6080}, false}, test::kServer4);
  four.route_to(test::kClient4);
  std::vector<std::uint8_t> error = error_about(outer_packet(four, four.request()), 3, 1, 0);
  ASSERT_EQ(four.pass_packet(error).action, Action::Forward);
  EXPECT_EQ(error[20], 3);
  EXPECT_EQ(error[21], 1);

  TunnelBench<Ipv6Addr> six({TunnelType::Gre, {}, false}, test::kServer4);
  six.route_to(test::kClient6);
  error = error_about(outer_packet(six, six.request()), 3, 1, 0);
  ASSERT_EQ(six.pass_packet(error).action, Action::Forward);
  EXPECT_EQ(error[6], 58);
  EXPECT_EQ(error[40], 1);
  EXPECT_EQ(error[41], 3);
  EXPECT_TRUE(test::has_right_checksums(error));
  EXPECT_EQ(wire::load_be16(six.last, 12), 0x86dd);
}

TEST(TunnelError, IsTheHostsWhenItIsAboutNoTunnelOfOurs) {
  TunnelBench<Ipv4Addr> bench({}, test::kServer4);
  bench.route_to(test::kClient4);
  std::vector<std::uint8_t> outer = outer_packet(bench, bench.request());
  outer[19] ^= 1;  // to another server
  test::finish_packet(outer);
  std::vector<std::uint8_t> error = error_about(outer, 3, 4, 900);
  EXPECT_EQ(bench.pass_packet(error).action, Action::Kernel);
}

}  // namespace
}  // namespace lvs::director
