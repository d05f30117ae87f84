#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <vector>

#include "director/core/scheduler/table.h"
#include "director/io/pump.h"
#include "tests/scenario/generated_traffic.h"

// A director in virtual time with its real table: a million conversations, and a flood of SYNs from
// everywhere that is ten times as long as the table.

namespace lvs::director {
namespace {

using test::Segment;
using wire::tcp_flag::kAck;
using wire::tcp_flag::kSyn;

constexpr ServiceKey kWeb{Protocol::Tcp, Ipv4Addr(10, 0, 0, 1), Port{80}};
constexpr std::uint8_t kServers = 10;

/// Resident memory of this process in bytes.
std::size_t resident() {
  std::size_t all = 0, pages = 0;
  std::ifstream("/proc/self/statm") >> all >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// The n-th of the clients that have conversations, and of those that a flood makes up.
Segment conversation(std::uint32_t number, std::uint8_t flags) {
  return {Ipv4Addr{0x0b000000 + number / 16}, Port{static_cast<std::uint16_t>(20000 + number % 16)},
          flags};
}
Segment made_up(std::uint32_t number) {
  return {Ipv4Addr{0x64000000 + number * 7919 % (1u << 24)},
          Port{static_cast<std::uint16_t>(1024 + number % 50000)}, kSyn};
}

class Flooded {
 public:
  explicit Flooded(const EngineLimits& limits, const EngineSettings& settings = {})
      : engine_(limits, {{1, 2}}, kSchedulers, now_), pump_(engine_, traffic_) {
    engine_.set_settings(settings);
    ServiceConfig service;
    service.key = kWeb;
    service.scheduler = "rr";
    engine_.add_service(service).value();
    for (std::uint8_t i = 1; i <= kServers; ++i) {
      ServerConfig server;
      server.address = Ipv4Addr(192, 168, 10, i);
      server.next_hop = engine_
                            .add_next_hop({.link = LinkIndex{2},
                                           .destination = MacAddr{{2, 0, 0, 0, 1, i}},
                                           .resolved = true})
                            .value();
      engine_.add_server(kWeb, server).value();
    }
  }

  /// Opens this many conversations, a virtual second for each 100 000; how many were let in.
  std::uint32_t converse(std::uint32_t count) {
    servers_.assign(count, 0);
    each(count, kSyn, [](std::uint32_t, std::uint8_t) {});
    std::uint32_t opened = 0;
    each(count, kAck, [&](std::uint32_t number, std::uint8_t to) {
      servers_[number] = to;
      ++opened;
    });
    return opened;
  }
  /// Every conversation says something; how many of them reach their server.
  std::uint32_t intact() {
    std::uint32_t reached = 0;
    each(static_cast<std::uint32_t>(servers_.size()), kAck,
         [&](std::uint32_t number, std::uint8_t to) {
           reached += servers_[number] == to ? 1u : 0u;
         });
    return reached;
  }
  /// SYNs of clients that there are not, 1000 a tick; meanwhile the conversations go on.
  void flood(std::uint32_t count) {
    std::uint32_t speaker = 0;
    for (std::uint32_t number = 0; number < count; ++number) {
      traffic_.segments.push_back(made_up(number));
      if (number % 16 == 0 && !servers_.empty())
        traffic_.segments.push_back(
            conversation(speaker++ % static_cast<std::uint32_t>(servers_.size()), kAck));
      if (number % 1000 == 999) tick();
    }
    tick();
  }
  void tick() {
    while (pump_.run_batch(now_) > 0) {
    }
    now_ = now_ + Ticks{1};
    while (pump_.expire(now_)) {
    }
  }
  void pass(std::uint32_t seconds) {
    for (std::uint32_t i = 0; i < seconds * kTicksPerSecond; ++i) tick();
  }

  const Engine& engine() const { return engine_; }
  std::uint64_t dropped(DropReason reason) const {
    return engine_.counters().dropped[static_cast<std::size_t>(reason)];
  }

 private:
  /// A segment of each conversation, and who got it.
  template <typename OnSent>
  void each(std::uint32_t count, std::uint8_t flags, OnSent on_sent) {
    traffic_.on_sent = [&](std::uint8_t to, std::span<const std::uint8_t> bytes) {
      const std::span ip = bytes.subspan(sizeof(linux_net::VirtioHeader) + wire::kEthernetHeader);
      if (wire::load_be16(ip, 22) != kWeb.port.number) return;  // a reset, to a client
      const std::uint32_t client = wire::load_be32(ip, 12) - 0x0b000000;
      on_sent(client * 16 + (wire::load_be16(ip, 20) - 20000u), to);
    };
    for (std::uint32_t number = 0; number < count; ++number) {
      traffic_.segments.push_back(conversation(number, flags));
      if (number % 1000 == 999) tick();
    }
    tick();
    traffic_.on_sent = [](std::uint8_t, std::span<const std::uint8_t>) {};
  }

  Tick now_{};
  Engine engine_;
  test::GeneratedTraffic traffic_;
  Pump pump_;
  std::vector<std::uint8_t> servers_;  // by conversation
};

TEST(Flood, AMillionConversationsAreHeldAndEachKeepsItsServer) {
  constexpr std::uint32_t million = 1048576;
  Flooded director(EngineLimits{});
  ASSERT_EQ(director.converse(million), million);
  ASSERT_EQ(director.engine().connection_count(), million);
  EXPECT_EQ(director.intact(), million);
  std::uint32_t active = 0;
  const std::vector<ServiceStatus> services = director.engine().services();
  for (const ServerStatus& server : services.front().servers) {
    EXPECT_NEAR(server.active, million / kServers, 1);
    active += server.active;
  }
  EXPECT_EQ(active, million);
  EXPECT_TRUE(director.engine().counters().conserved());
  EXPECT_EQ(director.engine().counters().forwarded, 3u * million);

  director.pass(899);  // the last of them spoke up to 11 s ago
  EXPECT_LT(director.engine().connection_count(), million);
  director.pass(2);
  EXPECT_EQ(director.engine().connection_count(), 0u) << "no timer was lost";
}

TEST(Flood, OfTenTimesTheTableLeavesEveryConversationAndMemoryAsTheyWere) {
  constexpr std::uint32_t table = 1048576, conversations = 500000;
  Flooded director(EngineLimits{});
  ASSERT_EQ(director.converse(conversations), conversations);
  director.flood(table);  // until the table is full
  EXPECT_EQ(director.engine().connection_count(), table);
  const std::size_t before = resident();
  director.flood(9 * table);
  EXPECT_LT(resident(), before + (std::size_t{1} << 20)) << "a full table does not grow";
  EXPECT_EQ(director.intact(), conversations);
  EXPECT_GT(director.dropped(DropReason::TableFull), 8u * table);
  EXPECT_TRUE(director.engine().counters().conserved());

  director.pass(61);  // SYN_RECV
  EXPECT_EQ(director.engine().connection_count(), conversations);
  const std::uint64_t forwarded = director.engine().counters().forwarded;
  director.flood(1000);
  EXPECT_EQ(director.engine().counters().forwarded, forwarded + 1000 + 63)
      << "new flows are taken again, beside those that spoke";
}

struct Defended {
  std::string name;
  EngineSettings settings;
};

class FloodDefence : public testing::TestWithParam<Defended> {};

/// Facts of IPVS, 2.12: what the defences force out are half-open connections, and idle ones with
/// few packets.
TEST_P(FloodDefence, LeavesConversationsThatSpeakAsTheyWere) {
  constexpr std::uint32_t table = 131072, conversations = 60000;
  Flooded director({.connections = table}, GetParam().settings);
  const std::uint32_t opened = director.converse(conversations);
  ASSERT_GT(opened, conversations / 2);
  director.flood(10 * table);
  EXPECT_GE(director.intact(), opened - opened / 1000);
  EXPECT_TRUE(director.engine().counters().conserved());
  EXPECT_GT(director.engine().counters().forwarded, conversations * 3u)
      << "and some of the others are still taken";
}

INSTANTIATE_TEST_SUITE_P(
    All, FloodDefence,
    testing::Values(Defended{"None", {}}, Defended{"DropEntry", {.drop_entry = 1}},
                    Defended{"DropPacket", {.drop_packet = 1}},
                    Defended{"SecureTcp", {.secure_tcp = 1}},
                    Defended{"AllAlways", {.drop_entry = 3, .drop_packet = 3, .secure_tcp = 3}}),
    [](const auto& test) { return test.param.name; });

TEST(Flood, FasterThanTheLimitOfNewFlowsIsHeldToIt) {
  Flooded director({.connections = 1000000, .new_flows_per_second = 5000});
  ASSERT_EQ(director.converse(1000), 1000u);
  director.flood(300000);  // 3 s
  EXPECT_LE(director.engine().connection_count(), 1000u + 5000 * 4);
  EXPECT_GT(director.dropped(DropReason::NewFlowLimit), 270000u);
  EXPECT_EQ(director.intact(), 1000u);
}

}  // namespace
}  // namespace lvs::director
