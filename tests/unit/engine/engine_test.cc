#include "director/core/engine.h"

#include <gtest/gtest.h>

#include "tests/support/engine_bench.h"

namespace lvs::director {
namespace {

using test::Bytes;
using test::EngineBench;
using namespace wire::tcp_flag;

TEST(Engine, ForwardsByAddressingTheFrameAnew) {
  EngineBench bench;
  bench.add(bench.server(11));
  Bytes frame = test::make_frame({.payload = 7, .ttl = 64});
  const Bytes before = frame;
  const Verdict verdict = bench.process(frame);
  ASSERT_EQ(verdict.action, Action::Forward);
  EXPECT_EQ(verdict.next_hop, bench.hop);

  const auto ethernet = *wire::EthernetView::parse(frame);
  EXPECT_EQ(ethernet.destination(), bench.hop_value.destination);
  EXPECT_EQ(ethernet.source(), bench.hop_value.source);
  const wire::Ipv4View ip = test::ipv4_of(frame);
  EXPECT_EQ(ip.ttl(), 63);
  EXPECT_TRUE(ip.has_valid_checksum());
  EXPECT_TRUE(std::equal(frame.begin() + 34, frame.end(), before.begin() + 34))
      << "what follows the IPv4 header is not touched";
}

TEST(Engine, KeepsAFlowAtItsServerWhileOthersRotate) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.add(bench.server(12));
  for (std::uint16_t port = 1; port <= 3; ++port) bench.send({.source_port = Port{port}});
  bench.send({.source_port = Port{1}, .flags = kAck});
  ASSERT_EQ(bench.connections().size(), 3u);
  EXPECT_EQ(bench.connections()[0].server, IpAddr{Ipv4Addr(192, 168, 10, 12)});
  EXPECT_EQ(bench.connections()[1].server, IpAddr{Ipv4Addr(192, 168, 10, 11)});
  EXPECT_EQ(bench.connections()[2].server, IpAddr{Ipv4Addr(192, 168, 10, 12)});
  EXPECT_EQ(bench.connections()[0].state, "ESTABLISHED");
  EXPECT_EQ(bench.connections()[1].state, "SYN_RECV");
}

TEST(Engine, CountsActiveAndInactiveByState) {
  EngineBench bench;
  bench.add(bench.server(11));
  const auto counts = [&] {
    const ServerStatus server = bench.status().servers.at(0);
    return std::pair{server.active, server.inactive};
  };
  bench.send({});
  EXPECT_EQ(counts(), std::pair(1u, 0u));
  bench.send({.flags = kFin | kAck});
  EXPECT_EQ(counts(), std::pair(0u, 1u)) << "TIME_WAIT";
  bench.pass(seconds_to_ticks(120));
  EXPECT_EQ(counts(), std::pair(0u, 0u));
  EXPECT_EQ(bench.engine.connection_count(), 0u);
}

TEST(Engine, CountsPacketsAndLayer3Bytes) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.flags = kAck, .payload = 100});
  const ServiceStatus status = bench.status();
  EXPECT_EQ(status.counters.connections, 1u);
  EXPECT_EQ(status.counters.packets_in, 2u);
  EXPECT_EQ(status.counters.bytes_in, 40u + 140u);
  EXPECT_EQ(status.servers[0].counters.connections, 1u);
  EXPECT_EQ(status.servers[0].counters.packets_in, 2u);
  EXPECT_EQ(status.servers[0].counters.bytes_in, 180u);
}

TEST(Engine, UsesTheTimeoutsOfTheService) {
  EngineBench bench;
  bench.tcp.tcp_timeout_s = 30;
  bench.tcp.tcp_fin_timeout_s = 20;
  ASSERT_TRUE(bench.engine.edit_service(bench.tcp));
  bench.add(bench.server(11));
  bench.send({});
  EXPECT_EQ(bench.connections()[0].expires_in, seconds_to_ticks(60)) << "SYN_RECV has its own";
  bench.send({.flags = kAck});
  EXPECT_EQ(bench.connections()[0].expires_in, seconds_to_ticks(30));
  bench.send({.flags = kFin | kAck});
  EXPECT_EQ(bench.connections()[0].expires_in, seconds_to_ticks(20));
}

TEST(Engine, TracksUdpAsInactive) {
  EngineBench bench;
  bench.engine.add_server(bench.udp.key, bench.server(11)).value();
  bench.send({.destination_port = Port{53}, .protocol = Protocol::Udp, .payload = 9});
  ASSERT_EQ(bench.connections().size(), 1u);
  EXPECT_EQ(bench.connections()[0].state, "UDP");
  EXPECT_EQ(bench.connections()[0].expires_in, seconds_to_ticks(300));
  for (const ServiceStatus& service : bench.engine.services())
    for (const ServerStatus& server : service.servers)
      EXPECT_EQ(std::pair(server.active, server.inactive), std::pair(0u, 1u));
}

TEST(Engine, GivesPacketsOfNoServiceBackUnchanged) {
  EngineBench bench;
  bench.add(bench.server(11));
  for (const test::FrameSpec& spec : {test::FrameSpec{.destination_port = Port{81}},
                                      test::FrameSpec{.destination = Ipv4Addr(10, 0, 0, 2)},
                                      test::FrameSpec{.protocol = Protocol::Udp}}) {
    Bytes frame = test::make_frame(spec);
    const Bytes before = frame;
    EXPECT_EQ(bench.process(frame).action, Action::Kernel);
    EXPECT_EQ(frame, before);
  }
}

TEST(Engine, GivesEverythingBackWhileThereIsNoService) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  ASSERT_TRUE(bench.engine.remove_service(bench.tcp.key, bench.now));
  ASSERT_TRUE(bench.engine.remove_service(bench.udp.key, bench.now));
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Kernel);
  ASSERT_TRUE(bench.engine.add_service(bench.tcp));
  bench.add(bench.server(11));
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Forward) << "the old connection works on";
}

TEST(Engine, LeavesAFrameForALocalServerUntouchedAndTracksIt) {
  EngineBench bench;
  ServerConfig local = bench.server(1);
  local.method = ForwardMethod::Local;
  local.next_hop = {};
  bench.add(local);
  Bytes frame = test::make_frame({.ttl = 1});
  const Bytes before = frame;
  EXPECT_EQ(bench.process(frame).action, Action::Local);
  EXPECT_EQ(frame, before);
  EXPECT_EQ(bench.connections().at(0).state, "SYN_RECV");
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Local);
  EXPECT_EQ(bench.connections().at(0).state, "ESTABLISHED");
}

TEST(Engine, DropsWhatWasNotAddressedToUs) {
  EngineBench bench;
  bench.add(bench.server(11));
  Bytes frame = test::make_frame({});
  Frame given{.bytes = frame, .ingress = {1}, .addressed_to_us = false};
  const Verdict verdict = bench.engine.process(given, bench.now, bench.scratch);
  EXPECT_EQ(verdict.action, Action::Drop);
  EXPECT_EQ(verdict.reason, DropReason::NotForUs);
}

TEST(Engine, DropsBrokenPacketsWithTheirReason) {
  EngineBench bench;
  bench.add(bench.server(11));
  const auto reason = [&](auto breaking) {
    Bytes frame = test::make_frame({});
    breaking(frame);
    const Verdict verdict = bench.process(frame);
    EXPECT_EQ(verdict.action, Action::Drop);
    return verdict.reason;
  };
  EXPECT_EQ(reason([](Bytes& f) { f.resize(13); }), DropReason::Truncated);
  EXPECT_EQ(reason([](Bytes& f) { f.resize(30); }), DropReason::Truncated);
  EXPECT_EQ(reason([](Bytes& f) { f.resize(40); }), DropReason::Truncated) << "total length";
  EXPECT_EQ(reason([](Bytes& f) { f[14] = 0x44; }), DropReason::BadHeader);
  EXPECT_EQ(reason([](Bytes& f) { f[24] ^= 1; }), DropReason::BadChecksum);
  EXPECT_EQ(reason([](Bytes& f) {
              f[46] = 0x40;  // TCP offset 4
            }),
            DropReason::BadHeader);
  EXPECT_EQ(reason([](Bytes& f) {
              f[26] = 224;  // a multicast sender
              test::finish_ipv4(f);
            }),
            DropReason::BadHeader);
  EXPECT_EQ(bench.engine.connection_count(), 0u);
}

TEST(Engine, LooksThroughAPriorityTagButNotIntoAVlan) {
  EngineBench bench;
  bench.add(bench.server(11));
  const auto tagged = [](std::uint16_t control) {
    Bytes frame = test::make_frame({});
    const std::size_t length = frame.size();
    frame.resize(length + wire::kVlanTag);
    wire::put_vlan_tag(frame, length, 0x8100, control);
    return frame;
  };
  Bytes priority = tagged(0x6000);
  EXPECT_EQ(bench.process(priority).action, Action::Forward);
  Bytes vlan = tagged(0x0005);
  EXPECT_EQ(bench.process(vlan).action, Action::Kernel);
}

TEST(Engine, PassesUnfinishedChecksumsAndFittingSuperFramesOn) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  Bytes frame = test::make_frame({.flags = kAck, .payload = 40000});
  frame[14 + 20 + 16] ^= 0x55;  // as a sender leaves it for its card
  const Bytes before = frame;
  EXPECT_EQ(bench.process(frame, {.checksum_unfinished = true, .segment_size = 1460}).action,
            Action::Forward);
  EXPECT_TRUE(std::equal(frame.begin() + 34, frame.end(), before.begin() + 34));
}

TEST(Engine, SendsNothingWithoutAKnownNeighbourAndSaysWhichHop) {
  EngineBench bench;
  bench.add(bench.server(11));
  NextHop unresolved = bench.hop_value;
  unresolved.resolved = false;
  bench.engine.set_next_hop(bench.hop, unresolved);
  Bytes frame = test::make_frame({});
  const Bytes before = frame;
  const Verdict verdict = bench.process(frame);
  EXPECT_EQ(verdict.action, Action::Wait);
  EXPECT_EQ(verdict.reason, DropReason::NoNeighbour);
  EXPECT_EQ(verdict.next_hop, bench.hop);
  EXPECT_EQ(bench.status().counters.packets_in, 0u) << "it comes again";
  EXPECT_EQ(frame, before) << "it can be processed again";
  bench.engine.set_next_hop(bench.hop, bench.hop_value);
  EXPECT_EQ(bench.process(frame).action, Action::Forward);
}

TEST(Engine, RefusesNewFlowsButServesOldOnesWhenTheTableIsFull) {
  EngineBench bench{{.connections = 2}};
  bench.add(bench.server(11));
  EXPECT_EQ(bench.send({.source_port = Port{1}}).action, Action::Forward);
  EXPECT_EQ(bench.send({.source_port = Port{2}}).action, Action::Forward);
  EXPECT_EQ(bench.send({.source_port = Port{3}}).reason, DropReason::TableFull);
  EXPECT_EQ(bench.send({.source_port = Port{2}, .flags = kAck}).action, Action::Forward);
}

TEST(Engine, LimitsNewFlowsPerSecond) {
  EngineBench bench{{.connections = 16, .new_flows_per_second = 2}};
  bench.add(bench.server(11));
  EXPECT_EQ(bench.send({.source_port = Port{1}}).action, Action::Forward);
  EXPECT_EQ(bench.send({.source_port = Port{2}}).action, Action::Forward);
  EXPECT_EQ(bench.send({.source_port = Port{3}}).reason, DropReason::NewFlowLimit);
  EXPECT_EQ(bench.send({.source_port = Port{1}, .flags = kAck}).action, Action::Forward);
  bench.pass(Ticks{kTicksPerSecond});
  EXPECT_EQ(bench.send({.source_port = Port{3}}).action, Action::Forward);
}

TEST(Engine, CountsEachFrameOnce) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.destination_port = Port{81}});
  bench.send({.source_port = Port{9}, .flags = kAck});
  bench.send({.source_port = Port{9}, .flags = kRst});
  const VerdictCounters& counters = bench.engine.counters();
  EXPECT_EQ(counters.received, 4u);
  EXPECT_EQ(counters.forwarded, 1u);
  EXPECT_EQ(counters.kernel, 1u);
  EXPECT_EQ(counters.answered, 1u);
  EXPECT_EQ(counters.dropped[static_cast<std::size_t>(DropReason::NoConnection)], 1u);
  EXPECT_EQ(counters.all_dropped(), 1u);
  EXPECT_TRUE(counters.conserved());
}

TEST(Engine, ListsConnectionsInBoundedSteps) {
  EngineBench bench;
  bench.add(bench.server(11));
  for (std::uint16_t port = 1001; port <= 1040; ++port) bench.send({.source_port = Port{port}});
  std::vector<ConnectionStatus> out;
  const std::uint32_t next = bench.engine.connections(0, 16, bench.now, out);
  EXPECT_EQ(out.size(), 16u);
  EXPECT_NE(next, 0u);
  EXPECT_EQ(bench.connections().size(), 40u);
}

// With dr the server's packets do not pass here: what it sends to its client is no reply of ours.
TEST(Engine, GivesPacketsOfAServerBack) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  EXPECT_EQ(bench
                .send({.source = Ipv4Addr(192, 168, 10, 11),
                       .source_port = Port{80},
                       .destination = Ipv4Addr(203, 0, 113, 5),
                       .destination_port = Port{1024},
                       .flags = kSyn | kAck})
                .action,
            Action::Kernel);
  EXPECT_EQ(bench.connections().at(0).state, "SYN_RECV");
}

TEST(Names, AreThereForEveryReasonAndAction) {
  for (std::size_t reason = 0; reason < kDropReasons; ++reason)
    EXPECT_FALSE(name(static_cast<DropReason>(reason)).empty());
  EXPECT_EQ(name(DropReason::NoNeighbour), "no_neighbour");
  EXPECT_EQ(name(DropReason::SendFailed), "send_failed");
  EXPECT_EQ(name(Action::Answer), "answer");
}

}  // namespace
}  // namespace lvs::director
