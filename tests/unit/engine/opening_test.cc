#include <gtest/gtest.h>

#include "tests/support/family.h"

// What may open a flow, and what the knobs of IPVS change about it (facts of IPVS, 2.1 to 2.3, 2.9,
// 2.11).

namespace lvs::director {
namespace {

using test::EngineBench;
using test::FamilyBench;
using test::PacketSpec;
using namespace wire::tcp_flag;

/// An SCTP packet whose first chunk is of this type.
std::vector<std::uint8_t> sctp_packet(PacketSpec<Ipv4Addr> spec, std::uint8_t chunk) {
  spec.payload = 4;
  std::vector<std::uint8_t> packet = test::make_packet(spec);
  packet[packet.size() - 4] = chunk;
  packet[packet.size() - 2] = 0;
  packet[packet.size() - 1] = 4;
  test::finish_packet(packet);
  return packet;
}

// Facts 2.2.
TEST(Opening, OfSctpTakesAnInit) {
  FamilyBench<Ipv4Addr> bench(Protocol::Sctp);
  const auto action = [&](std::uint8_t chunk) {
    std::vector<std::uint8_t> packet = sctp_packet(bench.request(), chunk);
    return bench.pass_packet(packet).action;
  };
  EXPECT_EQ(action(wire::sctp_chunk::kData), Action::Kernel);
  EXPECT_EQ(action(wire::sctp_chunk::kInit), Action::Forward);
  EXPECT_EQ(bench.connections().at(0).state, "INIT1");
  EXPECT_EQ(action(wire::sctp_chunk::kCookieEcho), Action::Forward);
}

TEST(Opening, OfSctpTakesAllButAnAbortWhenSloppy) {
  FamilyBench<Ipv4Addr> bench(Protocol::Sctp);
  bench.engine.set_settings({.sloppy_sctp = true});
  std::vector<std::uint8_t> abort = sctp_packet(bench.request(), wire::sctp_chunk::kAbort);
  EXPECT_EQ(bench.pass_packet(abort).action, Action::Kernel);
  std::vector<std::uint8_t> data = sctp_packet(bench.request(), wire::sctp_chunk::kData);
  EXPECT_EQ(bench.pass_packet(data).action, Action::Forward);
}

TEST(Opening, OfTcpTakesAllButAResetWhenSloppy) {
  EngineBench bench;
  bench.add(bench.server(11));
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Answer);
  bench.engine.set_settings({.sloppy_tcp = true});
  EXPECT_EQ(bench.send({.source_port = Port{9}, .flags = kRst}).action, Action::Drop);
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Forward);
  EXPECT_EQ(bench.connections().at(0).state, "ESTABLISHED");
}

TEST(Opening, NeverTakesPacketsFromPort20) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.engine.add_server(bench.udp.key, bench.server(11)).value();
  EXPECT_EQ(bench.send({.source_port = Port{20}}).action, Action::Answer);
  EXPECT_EQ(
      bench.send({.source_port = Port{20}, .destination_port = Port{53}, .protocol = Protocol::Udp})
          .action,
      Action::Answer);
  EXPECT_EQ(bench.engine.connection_count(), 0u);
}

TEST(Opening, CountsSynAndAckAsASyn) {
  EngineBench bench;
  bench.add(bench.server(11));
  EXPECT_EQ(bench.send({.flags = kSyn | kAck}).action, Action::Forward);
}

// Facts 2.3: type 1 code 4, from the address that was asked.
TEST(Opening, WithoutAServerIsRefusedInIpv6Too) {
  FamilyBench<Ipv6Addr> bench;
  ASSERT_TRUE(bench.engine.remove_server(bench.service.key, test::kServer6, Port{8080}, bench.now));
  const Verdict verdict = bench.pass_packet(bench.request());
  ASSERT_EQ(verdict.action, Action::Answer);
  const wire::ConstBytes frame = bench.answer(verdict);
  EXPECT_TRUE(test::has_right_checksums(frame.subspan(14)));
  const auto ip = *wire::ConstIpv6View::parse(frame.subspan(14));
  EXPECT_EQ(ip.source(), test::kVip6);
  EXPECT_EQ(ip.destination(), test::kClient6);
  EXPECT_EQ(ip.payload()[0], 1);
  EXPECT_EQ(ip.payload()[1], 4);
}

TEST(Opening, OfASegmentOfNoConnectionIsResetInIpv6Too) {
  FamilyBench<Ipv6Addr> bench;
  const Verdict verdict = bench.pass_packet(bench.request(kAck));
  ASSERT_EQ(verdict.action, Action::Answer);
  const wire::ConstBytes packet = bench.answer(verdict).subspan(14);
  EXPECT_TRUE(test::has_right_checksums(packet));
  EXPECT_EQ(packet[40 + 13], kRst);
  EXPECT_EQ(wire::load_be32(packet, 44), 77u) << "what the segment acknowledged";
}

// Facts 2.2: without a service of the family IPVS sees no packet.
TEST(Opening, DoesNothingInAFamilyWithoutServices) {
  FamilyBench<Ipv6Addr> bench;
  bench.pass_packet(bench.request());
  ASSERT_TRUE(bench.engine.remove_service(bench.service.key, bench.now));
  EXPECT_EQ(bench.pass_packet(bench.request(kAck)).action, Action::Kernel);
  EXPECT_EQ(bench.connections().at(0).state, "SYN_RECV");
}

// Facts 2.1: the engine's own rules mark packets.
TEST(Opening, ByAMarkOfARule) {
  EngineBench bench;
  ServiceConfig marked{.key = ServiceKey::of_mark(5, Family::Ipv4), .name = {}, .scheduler = "rr"};
  bench.engine.add_service(marked).value();
  bench.engine.add_server(marked.key, bench.server(11)).value();
  const test::FrameSpec spec{.destination = Ipv4Addr(10, 0, 0, 77), .destination_port = Port{8443}};
  EXPECT_EQ(bench.send(spec).action, Action::Kernel);
  bench.engine.set_marks({{.mark = 5,
                           .vip = Ipv4Addr(10, 0, 0, 77),
                           .protocol = Protocol::Tcp,
                           .ports = {{Port{8000}, Port{9000}}}}});
  EXPECT_EQ(bench.send(spec).action, Action::Forward);
  // Without a server: port unreachable, but with cache_bypass the host sends it where it was sent.
  ASSERT_TRUE(
      bench.engine.remove_server(marked.key, Ipv4Addr(192, 168, 10, 11), Port{0}, bench.now));
  const test::FrameSpec other{.source_port = Port{7},
                              .destination = Ipv4Addr(10, 0, 0, 77),
                              .destination_port = Port{8443}};
  EXPECT_EQ(bench.send(other).action, Action::Answer);
  bench.engine.set_settings({.cache_bypass = true});
  EXPECT_EQ(bench.send(other).action, Action::Kernel);
}

// Facts 2.9.
TEST(OnePacket, SchedulesEachDatagram) {
  EngineBench bench;
  bench.udp.one_packet = true;
  ASSERT_TRUE(bench.engine.edit_service(bench.udp));
  for (std::uint8_t octet : {std::uint8_t{11}, std::uint8_t{12}}) {
    ServerConfig server = bench.server(octet);
    server.port = Port{53};
    bench.engine.add_server(bench.udp.key, server).value();
  }
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(bench.send({.destination_port = Port{53}, .protocol = Protocol::Udp}).action,
              Action::Forward);
  for (const ServerStatus& server : bench.status(bench.udp.key).servers) {
    EXPECT_EQ(server.counters.packets_in, 2u);
    EXPECT_EQ(server.counters.connections, 2u);
    EXPECT_EQ(server.inactive, 0u);
  }
  EXPECT_EQ(bench.engine.connection_count(), 0u);
}

/// Facts 2.11: where a SYN on an old four-tuple goes, by mode and by how the old one stood.
struct Reuse {
  std::uint32_t mode;
  std::uint8_t last_flags;
  bool established;
  bool moves;
};
const Reuse kReuses[] = {
    {0, kFin | kAck, false, false},  // TIME_WAIT
    {1, kFin | kAck, false, true},  {2, kFin | kAck, false, true},
    {3, kFin | kAck, false, true},  {1, 0, false, true},            // CLOSE
    {0, 0, false, false},           {1, kFin | kAck, true, false},  // FIN_WAIT, one-sided
    {2, kFin | kAck, true, true},   {3, kFin | kAck, true, true},
    {1, kAck, true, false},         {3, kAck, true, false},
};

TEST(ConnReuseMode, SaysWhoseTimeIsOver) {
  for (const Reuse& reuse : kReuses) {
    SCOPED_TRACE(testing::Message() << "mode " << reuse.mode << " flags " << int{reuse.last_flags}
                                    << " established " << reuse.established);
    EngineBench bench;
    bench.engine.set_settings({.conn_reuse_mode = reuse.mode});
    bench.add(bench.server(11));
    bench.add(bench.server(12));
    bench.send({});
    if (reuse.established) bench.send({.flags = kAck});
    bench.send({.flags = reuse.last_flags});
    const IpAddr before = bench.connections().at(0).server;
    bench.send({});
    ASSERT_EQ(bench.connections().size(), 1u);
    EXPECT_EQ(bench.connections().at(0).server != before, reuse.moves);
  }
}

TEST(ConnReuseMode, ClosedSctpGivesWayToAnInit) {
  FamilyBench<Ipv4Addr> bench(Protocol::Sctp);
  const auto pass = [&](std::uint8_t chunk) {
    std::vector<std::uint8_t> packet = sctp_packet(bench.request(), chunk);
    bench.pass_packet(packet);
  };
  pass(wire::sctp_chunk::kInit);
  pass(wire::sctp_chunk::kAbort);
  ASSERT_EQ(bench.connections().at(0).state, "CLOSED");
  pass(wire::sctp_chunk::kInit);
  EXPECT_EQ(bench.status(bench.service.key).counters.connections, 2u);
  EXPECT_EQ(bench.connections().at(0).state, "INIT1");
}

TEST(Ipv6, WithARoutingHeaderThatIsNotUsedUpIsTheHosts) {
  FamilyBench<Ipv6Addr> bench;
  PacketSpec<Ipv6Addr> spec = bench.request();
  spec.first_extension = 43;
  spec.options = {6, 2, 0, 1};
  spec.options.resize(24);
  EXPECT_EQ(bench.pass_packet(spec).action, Action::Kernel);
  spec.options[3] = 0;
  EXPECT_EQ(bench.pass_packet(spec).action, Action::Forward);
}

TEST(Ipv6, IsNotTakenFromAddressesThatNobodyHas) {
  FamilyBench<Ipv6Addr> bench;
  for (const std::uint8_t first : {std::uint8_t{0xff}, std::uint8_t{0}}) {
    std::array<std::uint8_t, 16> octets{};
    octets[0] = first;
    octets[15] = 1;
    PacketSpec<Ipv6Addr> spec = bench.request();
    spec.source = Ipv6Addr{octets};
    EXPECT_EQ(bench.pass_packet(spec).reason, DropReason::BadHeader);
  }
}

}  // namespace
}  // namespace lvs::director
