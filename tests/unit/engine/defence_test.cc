#include "director/core/defence.h"

#include <gtest/gtest.h>

#include "tests/support/engine_bench.h"

// The defences of IPVS (facts of IPVS, 2.12). Where IPVS looks at free memory, this engine looks at
// free connections: they are short below a sixteenth.

namespace lvs::director {
namespace {

using test::EngineBench;
using namespace wire::tcp_flag;

TEST(Defence, IsUpAsItsModeSays) {
  for (const std::uint32_t mode : {0u, 1u, 2u, 3u}) {
    for (const bool is_short : {false, true}) {
      Defence defence;
      defence.judge({.drop_entry = mode, .secure_tcp = mode},
                    {is_short ? 150u : 149u, 160});  // 10 are a sixteenth
      defence.judge({.drop_entry = mode, .secure_tcp = mode}, {is_short ? 151u : 150u, 160});
      const bool expected = mode == 3 || (mode != 0 && is_short);
      EXPECT_EQ(defence.drops_entries(), expected) << mode << is_short;
      EXPECT_EQ(defence.secures_tcp(), expected);
    }
  }
}

TEST(Defence, DropsOneOfSoManyNewFlows) {
  Defence defence;
  const auto dropped = [&](int packets) {
    int count = 0;
    for (int i = 0; i < packets; ++i) count += defence.drops_this_packet() ? 1 : 0;
    return count;
  };
  EXPECT_EQ(dropped(100), 0);
  defence.judge({.drop_packet = 3, .am_droprate = 10}, {0, 1600});
  EXPECT_EQ(dropped(100), 10);
  // Automatic: threshold / (threshold - free), so all of them when nothing is free.
  defence.judge({.drop_packet = 1}, {1550, 1600});
  EXPECT_EQ(dropped(100), 50);
  defence.judge({.drop_packet = 1}, {1600, 1600});
  EXPECT_EQ(dropped(100), 100);
  defence.judge({.drop_packet = 1}, {100, 1600});
  EXPECT_EQ(dropped(100), 0);
}

TEST(DropPacket, CostsNewFlowsAndNoOldOnes) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({.source_port = Port{1}});
  bench.engine.set_settings({.drop_packet = 3, .am_droprate = 1});
  EXPECT_EQ(bench.send({.source_port = Port{2}}).reason, DropReason::Defence);
  EXPECT_EQ(bench.send({.source_port = Port{1}, .flags = kAck}).action, Action::Forward);
}

// Facts 2.6: the tables of secure_tcp.
TEST(SecureTcp, TrustsNoSynOfAOneSidedFlow) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.engine.set_settings({.secure_tcp = 3});
  bench.send({});
  EXPECT_EQ(bench.connections().at(0).state, "SYNACK");
}

struct Entry {
  const char* name;
  std::vector<std::uint8_t> flags;  ///< of its packets
  std::uint32_t idle_s;
  bool goes;
};
TEST(DropEntry, TakesWhatAFloodLeaves) {
  const Entry entries[] = {
      {"half open", {kSyn}, 0, true},
      {"established and idle with two packets", {kSyn, kAck}, 61, false},  // every second goes
      {"established and not idle", {kSyn, kAck}, 30, false},
      {"closing", {kSyn, kFin | kAck}, 61, false},
      {"established with many packets",
       {kSyn, kAck, kAck, kAck, kAck, kAck, kAck, kAck, kAck},
       61,
       false},
  };
  for (const Entry& entry : entries) {
    SCOPED_TRACE(entry.name);
    EngineBench bench{{.connections = 31}};
    bench.add(bench.server(11));
    for (const std::uint8_t flags : entry.flags) bench.send({.flags = flags});
    bench.pass(seconds_to_ticks(entry.idle_s));
    bench.engine.set_settings({.drop_entry = 3});
    bench.pass(seconds_to_ticks(1));
    EXPECT_EQ(bench.engine.connection_count(), entry.goes ? 0u : 1u);
    if (entry.flags.size() != 2 || entry.idle_s != 61 || entry.flags[1] != kAck) continue;
    bench.pass(seconds_to_ticks(1));
    EXPECT_EQ(bench.engine.connection_count(), 0u) << "the second look at one of two packets";
  }
}

TEST(DropEntry, TakesTemplatesThatWereNeverAnswered) {
  EngineBench bench;
  bench.tcp.persistence = Persistence{};
  ASSERT_TRUE(bench.engine.edit_service(bench.tcp));
  bench.add(bench.server(11));
  bench.send({});
  ASSERT_EQ(bench.engine.connection_count(), 2u);
  bench.engine.set_settings({.drop_entry = 3});
  for (int second = 0; second < 3; ++second) bench.pass(seconds_to_ticks(1));
  EXPECT_EQ(bench.engine.connection_count(), 0u);

  bench.engine.set_settings({});
  bench.send({});
  bench.send({.flags = kAck});
  bench.engine.set_settings({.drop_entry = 3});
  for (int second = 0; second < 3; ++second) bench.pass(seconds_to_ticks(1));
  EXPECT_EQ(bench.engine.connection_count(), 2u) << "established, and so assured";
}

}  // namespace
}  // namespace lvs::director
