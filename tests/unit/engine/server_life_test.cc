#include <gtest/gtest.h>

#include "director/core/engine.h"
#include "tests/support/engine_bench.h"

// Quiescing, removal and return of servers, re-used ports, thresholds (facts of
// IPVS, 2.7, 2.10, 2.11).

namespace lvs::director {
namespace {

using test::EngineBench;
using namespace wire::tcp_flag;

constexpr IpAddr kFirst = Ipv4Addr{192, 168, 10, 11};
constexpr IpAddr kSecond = Ipv4Addr{192, 168, 10, 12};

void remove(EngineBench& bench, const IpAddr& address) {
  ASSERT_TRUE(bench.engine.remove_server(bench.tcp.key, address, Port{80}, bench.now));
}

TEST(Quiescing, KeepsConnectionsAndTakesNoNewOnes) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, bench.server(11, 0)));
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Forward);
  EXPECT_EQ(bench.send({.source_port = Port{2}}).action, Action::Answer);
}

TEST(Removal, DropsThePacketsOfItsConnectionsWithoutRefreshingThem) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  remove(bench, kFirst);
  bench.pass(seconds_to_ticks(10));
  EXPECT_EQ(bench.send({.flags = kAck}).reason, DropReason::ServerGone);
  EXPECT_EQ(bench.connections().at(0).expires_in, seconds_to_ticks(50));
}

TEST(Removal, IsUndoneByAddingTheSameServerAgain) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  remove(bench, kFirst);
  bench.add(bench.server(12));
  bench.add(bench.server(11));
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Forward);
  const ServerStatus revived = bench.status().servers.at(0);
  EXPECT_EQ(revived.config.address, kFirst) << "at the head, like a new one";
  EXPECT_EQ(revived.active, 1u);
  EXPECT_EQ(revived.counters.connections, 1u);
  EXPECT_EQ(revived.counters.packets_in, 2u);
}

TEST(Removal, ForgetsAServerThatNobodyRefersToAfterTwoMinutes) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  remove(bench, kFirst);
  bench.pass(seconds_to_ticks(60));
  bench.pass(seconds_to_ticks(61));
  bench.add(bench.server(11));
  EXPECT_EQ(bench.status().servers.at(0).counters.connections, 0u);
}

TEST(Removal, KeepsTheNumberOfAServerAsLongAsAConnectionHasIt) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.flags = kAck});  // established: 900 s
  remove(bench, kFirst);
  bench.pass(seconds_to_ticks(400));
  bench.add(bench.server(12));
  EXPECT_EQ(bench.send({.flags = kAck}).reason, DropReason::ServerGone)
      << "the new server did not get the old one's number";
}

TEST(ExpireNodestConn, SchedulesTheNextPacketAnewAndEndsTheRestByItself) {
  EngineBench bench;
  bench.tcp.expire_nodest_conn = true;
  ASSERT_TRUE(bench.engine.edit_service(bench.tcp));
  bench.add(bench.server(11));
  for (std::uint16_t port = 1; port <= 3; ++port) bench.send({.source_port = Port{port}});
  bench.add(bench.server(12));
  remove(bench, kFirst);
  EXPECT_EQ(bench.send({.source_port = Port{1}}).action, Action::Forward);
  EXPECT_EQ(bench.send({.source_port = Port{2}, .flags = kAck}).action, Action::Answer)
      << "a reset";
  bench.pass(Ticks{1});
  ASSERT_EQ(bench.connections().size(), 1u);
  EXPECT_EQ(bench.connections()[0].server, kSecond);
}

TEST(ExpireNodestConn, LeavesNothingForAServerThatComesBack) {
  EngineBench bench;
  bench.tcp.expire_nodest_conn = true;
  ASSERT_TRUE(bench.engine.edit_service(bench.tcp));
  bench.add(bench.server(11));
  bench.send({});
  remove(bench, kFirst);
  bench.add(bench.server(11));
  const ServerStatus server = bench.status().servers.at(0);
  EXPECT_EQ(server.active, 0u);
  EXPECT_EQ(server.counters.connections, 1u) << "what it counted comes back";
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Answer);
}

TEST(ExpireNodestConn, MovesASynOfAQuiescedServer) {
  EngineBench bench;
  bench.tcp.expire_nodest_conn = true;
  ASSERT_TRUE(bench.engine.edit_service(bench.tcp));
  bench.add(bench.server(12));
  bench.add(bench.server(11));
  bench.send({});
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, bench.server(11, 0)));
  EXPECT_EQ(bench.send({}).action, Action::Forward);
  ASSERT_EQ(bench.connections().size(), 1u);
  EXPECT_EQ(bench.connections()[0].server, kSecond);
}

TEST(PortReuse, SchedulesASynOnAConnectionThatIsOver) {
  EngineBench bench;
  bench.add(bench.server(12));
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.flags = kFin | kAck});
  ASSERT_EQ(bench.connections().at(0).state, "TIME_WAIT");
  EXPECT_EQ(bench.send({}).action, Action::Forward);
  ASSERT_EQ(bench.connections().size(), 1u);
  EXPECT_EQ(bench.connections()[0].server, kSecond);
  EXPECT_EQ(bench.connections()[0].state, "SYN_RECV");
}

TEST(PortReuse, KeepsAConnectionThatIsNotOver) {
  EngineBench bench;
  bench.add(bench.server(12));
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.flags = kAck});
  bench.send({.flags = kFin | kAck});
  ASSERT_EQ(bench.connections().at(0).state, "FIN_WAIT");
  bench.send({});
  EXPECT_EQ(bench.connections().at(0).server, kFirst);
}

TEST(PortReuse, EndsTheOldConnectionATickLaterWhenThereIsNoServer) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.flags = kFin | kAck});
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, bench.server(11, 0)));
  EXPECT_EQ(bench.send({}).action, Action::Answer);
  EXPECT_EQ(bench.engine.connection_count(), 1u);
  bench.pass(Ticks{1});
  EXPECT_EQ(bench.engine.connection_count(), 0u);
}

// Asked of real IPVS (6.1): a SYN on a conversation that is over is scheduled also when the server
// is gone; on one that is not over it is dropped.
TEST(PortReuse, SchedulesASynOnAConnectionThatIsOverThoughItsServerIsGone) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({.source_port = Port{1}});
  bench.send({.source_port = Port{1}, .flags = kFin | kAck});
  bench.send({.source_port = Port{2}});
  bench.add(bench.server(12));
  remove(bench, kFirst);
  EXPECT_EQ(bench.send({.source_port = Port{1}}).action, Action::Forward);
  EXPECT_EQ(bench.send({.source_port = Port{2}}).reason, DropReason::ServerGone);
  EXPECT_EQ(bench.status().servers.at(0).active, 1u);
}

TEST(PortReuse, TellsTheClientWhenTheServerIsGoneAndThereIsNoOther) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.flags = kFin | kAck});
  remove(bench, kFirst);
  EXPECT_EQ(bench.send({}).action, Action::Answer);
  bench.pass(Ticks{1});
  EXPECT_EQ(bench.engine.connection_count(), 0u);
}

// Asked of real IPVS (6.1), too: -x 2 -y 1, one connection that replaces itself.
TEST(PortReuse, CountsBothForTheThreshold) {
  EngineBench bench;
  ServerConfig limited = bench.server(11);
  limited.upper = 2;
  limited.lower = 1;
  bench.add(limited);
  bench.send({.source_port = Port{1}});
  bench.send({.source_port = Port{1}, .flags = kFin | kAck});
  EXPECT_EQ(bench.send({.source_port = Port{1}}).action, Action::Forward);
  bench.pass(Ticks{1});
  EXPECT_EQ(bench.status().servers.at(0).active, 1u);
  EXPECT_EQ(bench.send({.source_port = Port{2}}).action, Action::Answer);
}

TEST(PortReuse, WorksInAFullTable) {
  EngineBench bench{{.connections = 1}};
  bench.add(bench.server(11));
  bench.send({});
  bench.send({.flags = kFin | kAck});
  EXPECT_EQ(bench.send({}).action, Action::Forward);
}

TEST(Thresholds, CountAllConnectionsAndOpenAgainAtThreeQuarters) {
  EngineBench bench;
  ServerConfig limited = bench.server(11);
  limited.upper = 4;
  bench.add(limited);
  for (std::uint16_t port = 1; port <= 4; ++port) bench.send({.source_port = Port{port}});
  EXPECT_EQ(bench.send({.source_port = Port{5}}).action, Action::Answer);
  bench.send({.source_port = Port{1}, .flags = 0});  // CLOSE: 10 s
  bench.send({.source_port = Port{2}, .flags = 0});
  EXPECT_EQ(bench.send({.source_port = Port{5}}).action, Action::Answer) << "inactive ones count";
  bench.pass(seconds_to_ticks(10));
  EXPECT_EQ(bench.send({.source_port = Port{5}}).action, Action::Forward);
}

TEST(Thresholds, AreLiftedByAGreaterOneAndNotByASmaller) {
  EngineBench bench;
  ServerConfig limited = bench.server(11);
  limited.upper = 1;
  bench.add(limited);
  bench.send({.source_port = Port{1}});
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, limited));
  EXPECT_EQ(bench.send({.source_port = Port{2}}).action, Action::Answer);
  limited.upper = 2;
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, limited));
  EXPECT_EQ(bench.send({.source_port = Port{2}}).action, Action::Forward);
}

TEST(Configuration, RefusesWhatItDoesNotKnowAndSaysSo) {
  EngineBench bench;
  Engine& engine = bench.engine;
  EXPECT_EQ(engine.add_service(bench.tcp).error().what, "service tcp 10.0.0.1:80 exists already");
  ServiceConfig other{
      .key = {Protocol::Tcp, Ipv4Addr(10, 0, 0, 2), Port{80}}, .name = {}, .scheduler = "best"};
  EXPECT_EQ(engine.edit_service(bench.udp).has_value(), true);
  EXPECT_EQ(engine.add_service(other).error().what,
            "service tcp 10.0.0.2:80: no scheduler named best");
  other.scheduler = "rr";
  other.tcp_timeout_s = 2678401;
  EXPECT_EQ(engine.add_service(other).error().what,
            "service tcp 10.0.0.2:80: a timeout is 1 to 2678400 seconds");
  other.tcp_timeout_s = 900;
  EXPECT_EQ(engine.edit_service(other).error().what, "no service tcp 10.0.0.2:80");
  EXPECT_EQ(engine.remove_service(other.key, bench.now).error().what, "no service tcp 10.0.0.2:80");
  EXPECT_EQ(engine.add_server(other.key, bench.server(11)).error().what,
            "no service tcp 10.0.0.2:80");
  EXPECT_EQ(engine.edit_server(bench.tcp.key, bench.server(11)).error().what,
            "no server 192.168.10.11:80 of tcp 10.0.0.1:80");
  EXPECT_FALSE(engine.remove_server(bench.tcp.key, kFirst, Port{80}, bench.now));
  bench.add(bench.server(11));
  EXPECT_EQ(engine.add_server(bench.tcp.key, bench.server(11)).error().what,
            "server 192.168.10.11:80 of tcp 10.0.0.1:80 exists already");
  other.key.protocol = Protocol::Gre;
  EXPECT_FALSE(engine.add_service(other));
}

TEST(Configuration, EditsInPlace) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  bench.tcp.name = "renamed";
  ASSERT_TRUE(bench.engine.edit_service(bench.tcp));
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, bench.server(11, 7)));
  const ServiceStatus status = bench.status();
  EXPECT_EQ(status.config.name, "renamed");
  EXPECT_EQ(status.counters.connections, 1u);
  EXPECT_EQ(status.servers.at(0).config.weight, 7u);
  EXPECT_EQ(status.servers.at(0).active, 1u);
}

}  // namespace
}  // namespace lvs::director
