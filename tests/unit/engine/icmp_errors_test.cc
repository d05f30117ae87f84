#include <gtest/gtest.h>

#include "net/wire/icmpv6.h"
#include "tests/support/family.h"

// ICMP errors by the packet that they quote (facts of IPVS, 2.15).

namespace lvs::director {
namespace {

using test::FamilyBench;
using test::PacketSpec;
using namespace wire::tcp_flag;

template <typename Addr>
class IcmpErrors : public ::testing::Test {};
using Families = ::testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(IcmpErrors, Families);

template <typename Addr>
constexpr bool kIsV4 = std::is_same_v<Addr, Ipv4Addr>;

/// "Port unreachable" from one host to another about the beginning of a packet.
template <typename Addr>
std::vector<std::uint8_t> make_error(const Addr& from, const Addr& to,
                                     std::vector<std::uint8_t> about, std::uint8_t hops = 64) {
  const std::size_t header = kIsV4<Addr> ? 20 : 40;
  about.resize(std::min<std::size_t>(about.size(), header + 8));
  std::vector<std::uint8_t> packet(header + 8);
  packet.insert(packet.end(), about.begin(), about.end());
  wire::store_ip(packet,
                 wire::IpFields<Addr>{.source = from,
                                      .destination = to,
                                      .protocol = kIsV4<Addr> ? Protocol::Icmp : Protocol::Icmpv6,
                                      .hops = hops});
  packet[header] = kIsV4<Addr> ? 3 : 1;
  packet[header + 1] = kIsV4<Addr> ? 3 : 4;
  test::finish_packet(packet);
  return packet;
}

TYPED_TEST(IcmpErrors, OfAClientGoToItsServer) {
  using Ends = test::Ends<TypeParam>;
  FamilyBench<TypeParam> bench;
  bench.pass_packet(bench.request());
  // The client saw the reply come from the VIP, the server knows it as its own.
  PacketSpec<TypeParam> seen = bench.reply();
  seen.source = Ends::kVip;
  seen.source_port = Port{80};
  std::vector<std::uint8_t> packet =
      make_error<TypeParam>(Ends::kClient, Ends::kVip, test::make_packet(seen));
  const Verdict verdict = bench.pass_packet(packet);
  ASSERT_EQ(verdict.action, Action::Forward);
  EXPECT_EQ(verdict.next_hop, bench.hop);
  EXPECT_TRUE(test::has_right_checksums(packet));
  PacketSpec<TypeParam> sent = bench.reply();
  const auto ip = *wire::ConstIpView<TypeParam>::parse(packet);
  EXPECT_EQ(ip.source(), Ends::kClient);
  EXPECT_EQ(ip.destination(), Ends::kServer);
  EXPECT_EQ(ip.hops(), 63);
  const auto quoted = *wire::ConstIpView<TypeParam>::parse_quoted(ip.payload().subspan(8));
  EXPECT_EQ(quoted.source(), Ends::kServer);
  EXPECT_EQ(quoted.destination(), Ends::kClient);
  EXPECT_EQ(wire::load_be16(quoted.payload(), 0), 8080);
  EXPECT_TRUE(!kIsV4<TypeParam> || quoted.has_valid_checksum());
}

// Unlike the recorded kernel, ICMPv6 of servers passes: its sum is checked with the pseudo-header.
TYPED_TEST(IcmpErrors, OfAServerGoToTheClientAsTheVips) {
  using Ends = test::Ends<TypeParam>;
  FamilyBench<TypeParam> bench;
  const NextHopId back = bench.route_to(Ends::kClient);
  std::vector<std::uint8_t> request = test::make_packet(bench.request());
  bench.pass_packet(request);
  std::vector<std::uint8_t> packet = make_error<TypeParam>(Ends::kServer, Ends::kClient, request);
  const Verdict verdict = bench.pass_packet(packet);
  ASSERT_EQ(verdict.action, Action::Forward);
  EXPECT_EQ(verdict.next_hop, back);
  EXPECT_TRUE(test::has_right_checksums(packet));
  const auto ip = *wire::ConstIpView<TypeParam>::parse(packet);
  EXPECT_EQ(ip.source(), Ends::kVip);
  EXPECT_EQ(ip.destination(), Ends::kClient);
  const auto quoted = *wire::ConstIpView<TypeParam>::parse_quoted(ip.payload().subspan(8));
  EXPECT_EQ(quoted.source(), Ends::kClient);
  EXPECT_EQ(quoted.destination(), Ends::kVip);
  EXPECT_EQ(wire::load_be16(quoted.payload(), 2), 80);
}

TYPED_TEST(IcmpErrors, GoToARoutedServerAsTheyAre) {
  using Ends = test::Ends<TypeParam>;
  FamilyBench<TypeParam> bench(Protocol::Tcp, ForwardMethod::Route);
  bench.pass_packet(bench.request());
  PacketSpec<TypeParam> seen = bench.reply();
  seen.source = Ends::kVip;
  seen.source_port = Port{80};
  const std::vector<std::uint8_t> before =
      make_error<TypeParam>(Ends::kClient, Ends::kVip, test::make_packet(seen), 63);
  std::vector<std::uint8_t> packet =
      make_error<TypeParam>(Ends::kClient, Ends::kVip, test::make_packet(seen), 64);
  ASSERT_EQ(bench.pass_packet(packet).action, Action::Forward);
  EXPECT_EQ(packet, before);
  EXPECT_EQ(bench.connections().at(0).state, "SYN_RECV") << "it changes nothing of the flow";
}

TYPED_TEST(IcmpErrors, WithAWrongChecksumAreDropped) {
  using Ends = test::Ends<TypeParam>;
  FamilyBench<TypeParam> bench;
  bench.route_to(Ends::kClient);
  std::vector<std::uint8_t> request = test::make_packet(bench.request());
  bench.pass_packet(request);
  std::vector<std::uint8_t> packet = make_error<TypeParam>(Ends::kServer, Ends::kClient, request);
  packet.back() ^= 1;
  EXPECT_EQ(bench.pass_packet(packet).reason, DropReason::BadChecksum);
}

TYPED_TEST(IcmpErrors, OfNoFlowAndEchoAreTheHosts) {
  using Ends = test::Ends<TypeParam>;
  FamilyBench<TypeParam> bench;
  std::vector<std::uint8_t> packet =
      make_error<TypeParam>(Ends::kClient, Ends::kVip, test::make_packet(bench.reply()));
  EXPECT_EQ(bench.pass_packet(packet).action, Action::Kernel);
  const std::size_t header = kIsV4<TypeParam> ? 20 : 40;
  packet[header] = kIsV4<TypeParam> ? 8 : 128;
  test::finish_packet(packet);
  EXPECT_EQ(bench.pass_packet(packet).action, Action::Kernel);
}

TYPED_TEST(IcmpErrors, AreNotAnsweredWhenTheyMayNotGoOn) {
  using Ends = test::Ends<TypeParam>;
  FamilyBench<TypeParam> bench;
  bench.route_to(Ends::kClient);
  std::vector<std::uint8_t> request = test::make_packet(bench.request());
  bench.pass_packet(request);
  std::vector<std::uint8_t> packet =
      make_error<TypeParam>(Ends::kServer, Ends::kClient, request, 1);
  const Verdict verdict = bench.pass_packet(packet);
  EXPECT_EQ(verdict.action, Action::Drop);
  EXPECT_EQ(verdict.reason, DropReason::TtlExpired);
}

// Facts of IPVS, 2.15: schedule_icmp.
TYPED_TEST(IcmpErrors, MayBeScheduled) {
  using Ends = test::Ends<TypeParam>;
  FamilyBench<TypeParam> bench;
  bench.engine.set_settings({.schedule_icmp = true});
  PacketSpec<TypeParam> seen = bench.reply();
  seen.source = Ends::kVip;
  seen.source_port = Port{80};
  std::vector<std::uint8_t> packet =
      make_error<TypeParam>(Ends::kClient, Ends::kVip, test::make_packet(seen));
  ASSERT_EQ(bench.pass_packet(packet).action, Action::Forward);
  EXPECT_EQ(bench.connections().at(0).client_port, Port{40000});
  EXPECT_EQ(bench.connections().at(0).state, "NONE");
}

}  // namespace
}  // namespace lvs::director
