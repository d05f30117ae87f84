#include "director/core/engine.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "net/wire/describe.h"
#include "tests/support/engine_bench.h"
#include "tests/support/family.h"

namespace lvs::director {
namespace {

using test::Bytes;
using test::EngineBench;

/// A frame that is mostly right: a few clients, ports and flags, and now and then a broken byte.
Bytes random_frame(std::mt19937& random) {
  const auto below = [&](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  const bool udp = below(4) == 0;
  Bytes frame = test::make_frame(
      {.source = Ipv4Addr(203, 0, 113, static_cast<std::uint8_t>(1 + below(5))),
       .source_port = Port{static_cast<std::uint16_t>(1000 + below(40))},
       .destination = Ipv4Addr(10, 0, 0, static_cast<std::uint8_t>(1 + (below(10) == 0))),
       .destination_port = Port{static_cast<std::uint16_t>(below(10) == 0 ? 81
                                                           : udp          ? 53
                                                                          : 80)},
       .protocol = udp ? Protocol::Udp : Protocol::Tcp,
       .flags = static_cast<std::uint8_t>(1u << below(5)),
       .payload = below(20) == 0 ? 2000 : below(64),
       .ttl = static_cast<std::uint8_t>(below(20) == 0 ? below(2) : 64),
       .dont_fragment = below(2) == 0});
  if (below(8) == 0) {
    std::uint8_t& hit = frame[below(static_cast<std::uint32_t>(frame.size()))];
    hit = static_cast<std::uint8_t>(hit ^ 1u << below(8));
  }
  if (below(16) == 0) frame.resize(below(static_cast<std::uint32_t>(frame.size())));
  return frame;
}

void change_servers(EngineBench& bench, std::mt19937& random) {
  const auto octet = static_cast<std::uint8_t>(11 + random() % 4);
  const ServiceKey& key = random() % 2 == 0 ? bench.tcp.key : bench.udp.key;
  const ServerConfig config = bench.server(octet, static_cast<std::uint32_t>(random() % 3));
  // Each may fail, as when the server is there already: the engine is then as it was.
  switch (random() % 3) {
    case 0:
      static_cast<void>(bench.engine.add_server(key, config));
      break;
    case 1:
      static_cast<void>(bench.engine.edit_server(key, config));
      break;
    default:
      static_cast<void>(bench.engine.remove_server(key, config.address, config.port, bench.now));
  }
}

/// Every connection of a server that is in a list counts there exactly once.
void expect_counts_match_connections(const EngineBench& bench) {
  std::uint64_t counted = 0;
  for (const ServiceStatus& service : bench.engine.services()) {
    for (const ServerStatus& server : service.servers) {
      std::uint32_t found = 0;
      for (const ConnectionStatus& connection : bench.connections())
        if (connection.protocol == service.config.key.protocol &&
            connection.server == server.config.address)
          ++found;
      EXPECT_EQ(server.active + server.inactive, found);
      counted += found;
    }
  }
  EXPECT_LE(counted, bench.engine.connection_count());
}

TEST(EngineProperty, ConservesFramesAndConnectionsWhateverArrives) {
  for (const std::uint32_t seed : {11u, 12u, 13u}) {
    std::mt19937 random(seed);
    EngineBench bench{{.connections = 64, .answers_per_second = 50}};
    bench.tcp.expire_nodest_conn = seed == 12;
    ASSERT_TRUE(bench.engine.edit_service(bench.tcp));
    std::set<Action> seen;
    for (int step = 0; step < 20000; ++step) {
      if (random() % 100 == 0) change_servers(bench, random);
      Bytes frame = random_frame(random);
      const Bytes before = frame;
      const Verdict verdict = bench.process(frame);
      seen.insert(verdict.action);
      ASSERT_TRUE(verdict.action == Action::Forward || frame == before) << wire::describe(before);
      if (random() % 10 == 0)
        bench.pass(Ticks{static_cast<std::uint32_t>(random() % (random() % 50 == 0 ? 9000 : 30))});
      if (step % 500 == 0) {
        bench.pass(Ticks{1});
        expect_counts_match_connections(bench);
      }
    }
    EXPECT_TRUE(bench.engine.counters().conserved());
    EXPECT_EQ(bench.engine.counters().received, 20000u);
    EXPECT_EQ(seen.size(), 4u) << "all but Local and Wait were reached";
    bench.pass(seconds_to_ticks(3600));
    EXPECT_EQ(bench.engine.connection_count(), 0u) << "nothing is left when all has ended";
  }
}

/// A bench with nat, tunnels and local servers in both families, and persistence at one of them.
void add_methods(EngineBench& bench) {
  const ForwardMethod methods[] = {ForwardMethod::Masq, ForwardMethod::Tunnel, ForwardMethod::Route,
                                   ForwardMethod::Local};
  const auto add = [&](const IpAddr& vip, const IpAddr& server) {
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp}) {
      ServiceConfig service{
          .key = {protocol, vip, Port{80}}, .name = {}, .scheduler = "wlc", .one_packet = false};
      if (protocol == Protocol::Tcp) service.persistence = Persistence{.timeout_s = 20};
      bench.engine.add_service(service).value();
      for (std::uint16_t i = 0; i < 4; ++i)
        bench.engine
            .add_server(service.key, {.address = server,
                                      .port = Port{static_cast<std::uint16_t>(8080 + i)},
                                      .method = methods[i],
                                      .next_hop = bench.hop})
            .has_value();
    }
  };
  add(test::kVip4, test::kServer4);
  add(test::kVip6, test::kServer6);
  bench.route_to(test::kClient4);
}

/// A packet of either direction, sometimes a fragment, an ICMP error or broken.
template <typename Addr>
std::vector<std::uint8_t> random_packet(std::mt19937& random) {
  using Ends = test::Ends<Addr>;
  const Protocol protocols[] = {Protocol::Tcp, Protocol::Udp, Protocol::Sctp};
  const bool is_reply = random() % 3 == 0;
  test::PacketSpec<Addr> spec;
  spec.source = is_reply ? Ends::kServer : Ends::kClient;
  spec.destination = is_reply ? Ends::kClient : Ends::kVip;
  spec.source_port = Port{static_cast<std::uint16_t>(is_reply ? 8080 : 40000 + random() % 8)};
  spec.destination_port = Port{static_cast<std::uint16_t>(is_reply ? 40000 + random() % 8 : 80)};
  spec.protocol = protocols[random() % 3];
  spec.payload = random() % 20 == 0 ? 1500 : 4 + random() % 60;
  spec.tcp_flags = static_cast<std::uint8_t>(1u << random() % 5);
  spec.hops = static_cast<std::uint8_t>(random() % 20 == 0 ? 1 : 64);
  spec.dont_fragment = random() % 2 == 0;
  std::vector<std::uint8_t> packet = test::make_packet(spec);
  if (spec.protocol == Protocol::Sctp) {
    packet[packet.size() - spec.payload] = static_cast<std::uint8_t>(random() % 15);
    test::finish_packet(packet);
  }
  return packet;
}

/// The bytes from the IP packet on of what was forwarded, without the outer headers.
std::vector<std::uint8_t> inner_of(const Bytes& frame, const Verdict& verdict) {
  return {frame.begin() + 14 + verdict.outer_length, frame.end()};
}

template <typename Addr>
void expect_sound(EngineBench& bench, std::mt19937& random, std::set<Action>& seen) {
  const std::vector<std::uint8_t> packet = random_packet<Addr>(random);
  Bytes frame = test::frame_of(packet);
  const Verdict verdict = bench.process(frame);
  seen.insert(verdict.action);
  if (verdict.action == Action::Forward) {
    ASSERT_TRUE(test::has_right_checksums(inner_of(frame, verdict)));
  } else {
    ASSERT_EQ(frame, test::frame_of(packet));
  }
  if (verdict.action == Action::Answer) {
    const wire::ConstBytes answer = bench.answer(verdict);
    ASSERT_TRUE(test::has_right_checksums(answer.subspan(14)));
  }
}

TEST(EngineProperty, EveryMethodOfBothFamiliesSendsRightChecksumsAndLosesNothing) {
  std::mt19937 random(31);
  EngineBench bench{{.connections = 48, .answers_per_second = 1000}};
  add_methods(bench);
  std::set<Action> seen;
  for (int step = 0; step < 20000; ++step) {
    if (random() % 2 == 0) {
      expect_sound<Ipv4Addr>(bench, random, seen);
    } else {
      expect_sound<Ipv6Addr>(bench, random, seen);
    }
    if (HasFatalFailure()) return;
    if (random() % 20 == 0) bench.pass(Ticks{static_cast<std::uint32_t>(random() % 300)});
  }
  EXPECT_EQ(seen.size(), 6u) << "every action was reached";
  EXPECT_EQ(bench.engine.counters().received, 20000u);
  EXPECT_TRUE(bench.engine.counters().conserved());
  for (int minute = 0; minute < 60; ++minute) bench.pass(seconds_to_ticks(60));
  EXPECT_EQ(bench.engine.connection_count(), 0u);
  for (const ServiceStatus& service : bench.engine.services())
    for (const ServerStatus& server : service.servers)
      EXPECT_EQ(server.active + server.inactive + server.persistent, 0u);
}

TEST(EngineProperty, ForwardedFramesKeepTheirChecksumsAndPayload) {
  std::mt19937 random(21);
  EngineBench bench{{.connections = 4096}};
  bench.add(bench.server(11));
  for (std::uint32_t i = 0; i < 20000; ++i) {
    Bytes frame = test::make_frame(
        {.source = Ipv4Addr{0x0b000000u + static_cast<std::uint32_t>(random() % 64)},
         .source_port = Port{static_cast<std::uint16_t>(1024 + random() % 32)},
         .payload = random() % 64,
         .ttl = static_cast<std::uint8_t>(2 + random() % 254)});
    const Bytes before = frame;
    ASSERT_EQ(bench.process(frame).action, Action::Forward);
    const wire::Ipv4View ip = test::ipv4_of(frame);
    ASSERT_TRUE(ip.has_valid_checksum());
    ASSERT_EQ(wire::transport_sum(ip), 0xffff);
    ASSERT_TRUE(std::equal(frame.begin() + 34, frame.end(), before.begin() + 34));
  }
}

}  // namespace
}  // namespace lvs::director
