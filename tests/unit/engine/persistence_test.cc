#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/engine_bench.h"

// Persistence (facts of IPVS, 2.8): templates.

namespace lvs::director {
namespace {

using test::EngineBench;
using test::FrameSpec;
using namespace wire::tcp_flag;

constexpr IpAddr kFirst = Ipv4Addr{192, 168, 10, 11};

/// The bench's service, persistent, with two servers; the next new client goes to .12, then .11.
struct PersistentBench : EngineBench {
  explicit PersistentBench(const EngineLimits& limits = {.connections = 256})
      : EngineBench(limits) {
    tcp.persistence = Persistence{.timeout_s = 100};
    edit();
    add(server(11));
    add(server(12));
  }
  void edit() { ASSERT_TRUE(engine.edit_service(tcp)); }
  std::vector<ConnectionStatus> templates() const {
    std::vector<ConnectionStatus> all = connections();
    std::erase_if(all, [](const ConnectionStatus& status) { return !status.is_template; });
    return all;
  }
  /// Where the connection of this client's port went.
  IpAddr server_of_port(std::uint16_t port) const {
    for (const ConnectionStatus& status : connections())
      if (!status.is_template && status.client_port == Port{port}) return status.server;
    return {};
  }
  Verdict open(std::uint8_t client, std::uint16_t port) {
    return send({.source = Ipv4Addr(203, 0, 113, client), .source_port = Port{port}});
  }
};

TEST(Persistence, SendsAClientWhereItWentBefore) {
  PersistentBench bench;
  for (std::uint16_t port = 1; port <= 4; ++port) bench.open(1, port);
  for (std::uint16_t port = 2; port <= 4; ++port)
    EXPECT_EQ(bench.server_of_port(port), bench.server_of_port(1));
  bench.open(2, 5);
  EXPECT_NE(bench.server_of_port(5), bench.server_of_port(1));
  ASSERT_EQ(bench.templates().size(), 2u);
  const ConnectionStatus record = bench.templates()[0];
  EXPECT_EQ(record.client, IpAddr(Ipv4Addr(203, 0, 113, 1)));
  EXPECT_EQ(record.client_port, Port{0});
  EXPECT_EQ(record.vip_port, Port{80}) << "a service of one port";
  EXPECT_EQ(record.server_port, Port{80});
  EXPECT_EQ(record.state, "NONE");
}

TEST(Persistence, CountsTemplatesByThemselves) {
  PersistentBench bench;
  bench.open(1, 1);
  for (const ServerStatus& server : bench.status().servers) {
    const std::uint32_t used = server.config.address == bench.server_of_port(1) ? 1 : 0;
    EXPECT_EQ(server.persistent, used);
    EXPECT_EQ(server.active, used);
    EXPECT_EQ(server.inactive, 0u);
  }
}

TEST(Persistence, TakesTheClientsOfANetworkAsOne) {
  PersistentBench bench;
  bench.tcp.persistence->mask = 24;
  bench.edit();
  bench.open(1, 1);
  bench.open(200, 2);
  EXPECT_EQ(bench.server_of_port(1), bench.server_of_port(2));
  ASSERT_EQ(bench.templates().size(), 1u);
  EXPECT_EQ(bench.templates()[0].client, IpAddr(Ipv4Addr(203, 0, 113, 0)));
}

// Weight 0 and OVERLOAD are not looked at for a client that has a template.
TEST(Persistence, KeepsAClientAtAQuiescedServer) {
  PersistentBench bench;
  bench.open(1, 1);
  const IpAddr server = bench.server_of_port(1);
  ServerConfig quiet = bench.server(server == kFirst ? 11 : 12, 0);
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, quiet));
  bench.open(1, 2);
  EXPECT_EQ(bench.server_of_port(2), server);
  // With expire_quiescent_template the client moves, and the template keeps to itself.
  bench.tcp.expire_quiescent_template = true;
  bench.edit();
  bench.open(1, 3);
  EXPECT_NE(bench.server_of_port(3), server);
  EXPECT_EQ(std::ranges::count(bench.templates(), Port{65535}, &ConnectionStatus::vip_port), 1);
}

TEST(Persistence, GoesPastThresholds) {
  PersistentBench bench;
  bench.open(1, 1);
  const IpAddr server = bench.server_of_port(1);
  ServerConfig full = bench.server(server == kFirst ? 11 : 12);
  full.upper = 1;
  ASSERT_TRUE(bench.engine.edit_server(bench.tcp.key, full));
  bench.open(1, 2);
  EXPECT_EQ(bench.server_of_port(2), server);
}

TEST(Persistence, MovesAClientWhoseServerIsGone) {
  PersistentBench bench;
  bench.open(1, 1);
  const IpAddr server = bench.server_of_port(1);
  ASSERT_TRUE(bench.engine.remove_server(bench.tcp.key, server, Port{80}, bench.now));
  bench.open(1, 2);
  EXPECT_NE(bench.server_of_port(2), server);
}

TEST(Persistence, LastsFromTheLastNewConnectionAndOutlivesThoseItControls) {
  PersistentBench bench;
  bench.open(1, 1);
  bench.send({.source = Ipv4Addr(203, 0, 113, 1), .source_port = Port{1}, .flags = kAck});
  bench.pass(seconds_to_ticks(99));
  ASSERT_EQ(bench.templates().size(), 1u);
  EXPECT_EQ(bench.templates()[0].expires_in, seconds_to_ticks(1));
  EXPECT_EQ(bench.templates()[0].state, "ASSURED");
  bench.open(1, 2);
  EXPECT_EQ(bench.templates()[0].expires_in, seconds_to_ticks(100));
  bench.pass(seconds_to_ticks(100));
  ASSERT_EQ(bench.templates().size(), 1u) << "a connection lives";
  EXPECT_EQ(bench.templates()[0].expires_in, seconds_to_ticks(60));
  bench.open(1, 3);
  EXPECT_EQ(bench.templates()[0].expires_in, seconds_to_ticks(60)) << "its timeout from now on";
  for (int minute = 0; minute < 20; ++minute) bench.pass(seconds_to_ticks(60));
  EXPECT_EQ(bench.engine.connection_count(), 0u);
}

// Facts 2.11: what belongs to a persistence group does not give way to a re-used port.
TEST(Persistence, KeepsReusedPortsWhereTheyAre) {
  PersistentBench bench;
  bench.open(1, 1);
  bench.send({.source = Ipv4Addr(203, 0, 113, 1), .source_port = Port{1}, .flags = kFin | kAck});
  bench.open(1, 1);
  EXPECT_EQ(bench.status().counters.connections, 1u);
}

TEST(Persistence, OfEveryPortHasTemplatesOfPortZero) {
  PersistentBench bench;
  ServiceConfig every{.key = {Protocol::Tcp, Ipv4Addr(10, 0, 0, 9), Port{0}},
                      .name = {},
                      .scheduler = "rr",
                      .persistence = Persistence{}};
  bench.engine.add_service(every).value();
  for (std::uint8_t octet : {std::uint8_t{11}, std::uint8_t{12}}) {
    ServerConfig server = bench.server(octet);
    server.method = ForwardMethod::Masq;
    server.port = Port{0};
    bench.engine.add_server(every.key, server).value();
  }
  for (std::uint16_t port : {std::uint16_t{80}, std::uint16_t{443}}) {
    test::Bytes frame = test::make_frame({.source_port = Port{port},
                                          .destination = Ipv4Addr(10, 0, 0, 9),
                                          .destination_port = Port{port}});
    EXPECT_EQ(bench.process(frame).action, Action::Forward);
    EXPECT_EQ(wire::TransportView::parse(test::ipv4_of(frame))->destination_port(), Port{port});
  }
  EXPECT_EQ(bench.server_of_port(80), bench.server_of_port(443));
  ASSERT_EQ(bench.templates().size(), 1u);
  EXPECT_EQ(bench.templates()[0].vip_port, Port{0});
}

// Facts 2.1 and 2.8: active and passive data of FTP, in dr.
TEST(Persistence, OfFtpTakesItsDataAlong) {
  PersistentBench bench;
  ServiceConfig ftp{.key = {Protocol::Tcp, Ipv4Addr(10, 0, 0, 9), Port{21}},
                    .name = {},
                    .scheduler = "rr",
                    .persistence = Persistence{}};
  bench.engine.add_service(ftp).value();
  for (std::uint8_t octet : {std::uint8_t{11}, std::uint8_t{12}}) {
    ServerConfig server = bench.server(octet);
    server.port = Port{21};
    bench.engine.add_server(ftp.key, server).value();
  }
  const auto to = [](std::uint16_t from, std::uint16_t port) {
    return FrameSpec{.source_port = Port{from},
                     .destination = Ipv4Addr(10, 0, 0, 9),
                     .destination_port = Port{port}};
  };
  EXPECT_EQ(bench.send(to(1, 21)).action, Action::Forward);
  EXPECT_EQ(bench.send(to(2, 33000)).action, Action::Forward);
  EXPECT_EQ(bench.server_of_port(1), bench.server_of_port(2));
  EXPECT_EQ(bench.templates().at(0).vip_port, Port{0});
  FrameSpec stray = to(3, 33001);
  stray.flags = kAck;
  EXPECT_EQ(bench.send(stray).action, Action::Kernel) << "the host may listen there";
  EXPECT_EQ(bench.send(to(3, 80)).action, Action::Kernel) << "no data port";
}

TEST(Persistence, OfAMarkShowsTheMark) {
  PersistentBench bench;
  ServiceConfig marked{.key = ServiceKey::of_mark(7, Family::Ipv4),
                       .name = {},
                       .scheduler = "rr",
                       .persistence = Persistence{}};
  bench.engine.add_service(marked).value();
  for (std::uint8_t octet : {std::uint8_t{11}, std::uint8_t{12}}) {
    ServerConfig server = bench.server(octet);
    server.port = {};
    bench.engine.add_server(marked.key, server).value();
  }
  bench.mark = 7;
  bench.send({.source_port = Port{1}, .destination = Ipv4Addr(10, 0, 0, 20)});
  bench.send(
      {.source_port = Port{2}, .destination = Ipv4Addr(10, 0, 0, 21), .protocol = Protocol::Udp});
  EXPECT_EQ(bench.server_of_port(1), bench.server_of_port(2));
  ASSERT_EQ(bench.templates().size(), 1u);
  EXPECT_EQ(bench.templates()[0].vip, IpAddr(Ipv4Addr(0, 0, 0, 7)));
  EXPECT_EQ(bench.templates()[0].protocol, kAnyProtocol);
}

TEST(Persistence, PinsOnePacketSchedulingToo) {
  PersistentBench bench;
  bench.udp.persistence = Persistence{};
  bench.udp.one_packet = true;
  ASSERT_TRUE(bench.engine.edit_service(bench.udp));
  for (std::uint8_t octet : {std::uint8_t{11}, std::uint8_t{12}}) {
    ServerConfig server = bench.server(octet);
    server.port = Port{53};
    bench.engine.add_server(bench.udp.key, server).value();
  }
  for (std::uint16_t port = 1; port <= 4; ++port)
    bench.send(
        {.source_port = Port{port}, .destination_port = Port{53}, .protocol = Protocol::Udp});
  EXPECT_EQ(bench.engine.connection_count(), 1u) << "the template alone";
  std::vector<std::uint64_t> packets;
  for (const ServerStatus& server : bench.status(bench.udp.key).servers)
    packets.push_back(server.counters.packets_in);
  std::ranges::sort(packets);
  EXPECT_EQ(packets, (std::vector<std::uint64_t>{0, 4}));
}

}  // namespace
}  // namespace lvs::director
