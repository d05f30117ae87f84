#include <gtest/gtest.h>

#include "tests/support/family.h"

// Method Masq (facts of IPVS, 2.13): every byte of what leaves, both ways, both families. The
// expected packets are made by the reference of tests/support, checksums included.

namespace lvs::director {
namespace {

using test::FamilyBench;
using test::PacketSpec;
using namespace wire::tcp_flag;

template <typename Addr>
class Nat : public ::testing::Test {};
using Families = ::testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(Nat, Families);

/// An INIT, where the protocol has one, so that each protocol may open a flow.
template <typename Addr>
std::vector<std::uint8_t> opening_packet(PacketSpec<Addr> spec) {
  spec.payload = 21;
  spec.tcp_flags = kSyn;
  std::vector<std::uint8_t> packet = test::make_packet(spec);
  if (spec.protocol == Protocol::Sctp) {
    packet[packet.size() - 21] = wire::sctp_chunk::kInit;
    test::finish_packet(packet);
  }
  return packet;
}

TYPED_TEST(Nat, RewritesTheDestinationOfRequestsAndNothingElse) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp}) {
    FamilyBench<TypeParam> bench(protocol);
    std::vector<std::uint8_t> packet = opening_packet(bench.request());
    PacketSpec<TypeParam> to_server = bench.request();
    to_server.destination = test::Ends<TypeParam>::kServer;
    to_server.destination_port = Port{8080};
    to_server.hops = 63;
    const Verdict verdict = bench.pass_packet(packet);
    ASSERT_EQ(verdict.action, Action::Forward);
    EXPECT_EQ(verdict.next_hop, bench.hop);
    EXPECT_EQ(packet, opening_packet(to_server));
    EXPECT_TRUE(test::has_right_checksums(packet));
  }
}

TYPED_TEST(Nat, RewritesTheSourceOfReplies) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp}) {
    FamilyBench<TypeParam> bench(protocol);
    const NextHopId back = bench.route_to(test::Ends<TypeParam>::kClient);
    std::vector<std::uint8_t> request = opening_packet(bench.request());
    ASSERT_EQ(bench.pass_packet(request).action, Action::Forward);
    PacketSpec<TypeParam> to_client = bench.reply();
    to_client.payload = 9;
    std::vector<std::uint8_t> packet = test::make_packet(to_client);
    to_client.source = test::Ends<TypeParam>::kVip;
    to_client.source_port = Port{80};
    to_client.hops = 63;
    const Verdict verdict = bench.pass_packet(packet);
    ASSERT_EQ(verdict.action, Action::Forward);
    EXPECT_EQ(verdict.next_hop, back);
    EXPECT_EQ(packet, test::make_packet(to_client));
    EXPECT_EQ(wire::EthernetView::parse(bench.last)->destination(), test::kRouterMac);
  }
}

TYPED_TEST(Nat, LeavesUdpWithoutAChecksumWithoutOne) {
  if (std::is_same_v<TypeParam, Ipv6Addr>) return;  // there it must have one (RFC 8200, 8.1)
  FamilyBench<TypeParam> bench(Protocol::Udp);
  PacketSpec<TypeParam> spec = bench.request();
  spec.udp_checksum = false;
  std::vector<std::uint8_t> packet = test::make_packet(spec);
  ASSERT_EQ(bench.pass_packet(packet).action, Action::Forward);
  EXPECT_EQ(wire::load_be16(packet, 26), 0);
}

// What is left for the network card to finish: the pseudo-header's sum, which ports do not change.
TYPED_TEST(Nat, KeepsAnUnfinishedChecksumOneOfItsOwnPacket) {
  FamilyBench<TypeParam> bench;
  const std::size_t header = std::is_same_v<TypeParam, Ipv4Addr> ? 20 : 40;
  std::vector<std::uint8_t> packet = test::make_packet(bench.request());
  const auto pseudo = [&](const std::vector<std::uint8_t>& of) {
    const auto ip = *wire::ConstIpView<TypeParam>::parse(of);
    return wire::fold(wire::pseudo_header_words(ip.source(), ip.destination(), Protocol::Tcp, 20));
  };
  wire::store_be16(packet, header + 16, pseudo(packet));
  ASSERT_EQ(bench.pass_packet(packet, {.checksum_unfinished = true}).action, Action::Forward);
  EXPECT_EQ(wire::load_be16(packet, header + 16), pseudo(packet));
}

// Facts of IPVS, 2.6: with both directions seen, the tables of INPUT and OUTPUT hold.
TYPED_TEST(Nat, FollowsBothDirectionsStates) {
  FamilyBench<TypeParam> bench;
  bench.route_to(test::Ends<TypeParam>::kClient);
  const auto state = [&] { return bench.connections().at(0).state; };
  bench.pass_packet(bench.request());
  EXPECT_EQ(state(), "SYN_RECV");
  bench.pass_packet(bench.reply());
  EXPECT_EQ(state(), "SYN_RECV");
  bench.pass_packet(bench.request(kAck));
  EXPECT_EQ(state(), "ESTABLISHED");
  bench.pass_packet(bench.reply(kFin | kAck));
  EXPECT_EQ(state(), "FIN_WAIT");
  bench.pass_packet(bench.request(kFin | kAck));
  EXPECT_EQ(state(), "TIME_WAIT");
}

// Facts of IPVS, 2.17.
TYPED_TEST(Nat, CountsBothDirections) {
  FamilyBench<TypeParam> bench;
  bench.route_to(test::Ends<TypeParam>::kClient);
  bench.pass_packet(bench.request());
  bench.pass_packet(bench.reply());
  bench.pass_packet(bench.reply(kAck));
  const std::uint64_t length = std::is_same_v<TypeParam, Ipv4Addr> ? 40 : 60;
  const FlowCounters counters = bench.status(bench.service.key).counters;
  EXPECT_EQ(counters.packets_in, 1u);
  EXPECT_EQ(counters.packets_out, 2u);
  EXPECT_EQ(counters.bytes_in, length);
  EXPECT_EQ(counters.bytes_out, 2 * length);
}

TYPED_TEST(Nat, RepliesWaitForTheWayBack) {
  FamilyBench<TypeParam> bench;
  bench.pass_packet(bench.request());
  std::vector<std::uint8_t> packet = test::make_packet(bench.reply());
  const std::vector<std::uint8_t> before = packet;
  const Verdict waiting = bench.pass_packet(packet);
  EXPECT_EQ(waiting.action, Action::Wait);
  EXPECT_EQ(waiting.reason, DropReason::NoRoute);
  EXPECT_EQ(packet, before);
  EXPECT_EQ(bench.status(bench.service.key).counters.packets_out, 0u);
  const IpAddr client = test::Ends<TypeParam>::kClient;
  EXPECT_EQ(bench.engine.take_wanted_routes(), std::vector<IpAddr>{client});

  const NextHopId back = bench.engine.add_next_hop(bench.back_value).value();
  EXPECT_EQ(bench.engine.set_route(client, back), waiting.waits_for);
  EXPECT_EQ(bench.pass_packet(packet).action, Action::Forward);
}

TYPED_TEST(Nat, DropsRepliesThatTheKernelHasNoWayFor) {
  FamilyBench<TypeParam> bench;
  bench.pass_packet(bench.request());
  bench.engine.set_route(test::Ends<TypeParam>::kClient, std::nullopt);
  EXPECT_EQ(bench.pass_packet(bench.reply()).reason, DropReason::NoRoute);
}

// A router's part: time exceeded goes to the server, from the director's own address.
TYPED_TEST(Nat, TellsAServerWhoseReplyHasNoHopLeft) {
  FamilyBench<TypeParam> bench;
  bench.route_to(test::Ends<TypeParam>::kClient);
  bench.pass_packet(bench.request());
  PacketSpec<TypeParam> spec = bench.reply();
  spec.hops = 1;
  const Verdict verdict = bench.pass_packet(spec);
  ASSERT_EQ(verdict.action, Action::Answer);
  const auto ip = *wire::ConstIpView<TypeParam>::parse(bench.answer(verdict).subspan(14));
  EXPECT_EQ(ip.destination(), test::Ends<TypeParam>::kServer);
  EXPECT_EQ(ip.payload()[0], (std::is_same_v<TypeParam, Ipv4Addr> ? 11 : 3));
  if constexpr (std::is_same_v<TypeParam, Ipv4Addr>) {
    EXPECT_EQ(ip.source(), Ipv4Addr(192, 168, 10, 1));
  }
}

TYPED_TEST(Nat, LeavesRepliesOfNoConnectionToTheHost) {
  FamilyBench<TypeParam> bench;
  EXPECT_EQ(bench.pass_packet(bench.reply(kAck)).action, Action::Kernel);
  // Facts of IPVS, 2.15: nat_icmp_send.
  bench.engine.set_settings({.nat_icmp_send = true});
  EXPECT_EQ(bench.pass_packet(bench.reply(kAck)).action, Action::Answer);
  EXPECT_EQ(bench.pass_packet(bench.reply(kRst)).action, Action::Kernel);
}

TYPED_TEST(Nat, PassesSuperFramesWholeBothWays) {
  FamilyBench<TypeParam> bench;
  bench.route_to(test::Ends<TypeParam>::kClient);
  bench.pass_packet(bench.request());
  PacketSpec<TypeParam> big = bench.request(kAck);
  big.payload = 30000;
  std::vector<std::uint8_t> packet = test::make_packet(big);
  const Verdict verdict =
      bench.pass_packet(packet, {.checksum_unfinished = true, .segment_size = 1400});
  EXPECT_EQ(verdict.action, Action::Forward);
  EXPECT_EQ(verdict.piece_length, 0);
  EXPECT_EQ(bench.pass_packet(packet, {.segment_size = 1461}).action, Action::Kernel)
      << "it is the server's now";
}

// Facts of IPVS, 2.9: each datagram anew, and replies go back as the service's.
TYPED_TEST(Nat, TranslatesRepliesOfOnePacketScheduling) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  bench.service.one_packet = true;
  ASSERT_TRUE(bench.engine.edit_service(bench.service));
  bench.route_to(test::Ends<TypeParam>::kClient);
  EXPECT_EQ(bench.pass_packet(bench.request()).action, Action::Forward);
  EXPECT_EQ(bench.engine.connection_count(), 0u);
  const ServiceStatus status = bench.status(bench.service.key);
  EXPECT_EQ(status.counters.connections, 1u);
  EXPECT_EQ(status.servers.at(0).inactive, 0u);
  PacketSpec<TypeParam> expected = bench.reply();
  std::vector<std::uint8_t> packet = test::make_packet(expected);
  ASSERT_EQ(bench.pass_packet(packet).action, Action::Forward);
  expected.source = test::Ends<TypeParam>::kVip;
  expected.source_port = Port{80};
  expected.hops = 63;
  EXPECT_EQ(packet, test::make_packet(expected));
}

}  // namespace
}  // namespace lvs::director
