#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/draw.h"
#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

using director::ServerRecord;

// Facts of IPVS, 1.7: connections that stay. The facts write list order, which is the order of
// addition reversed.
struct Sequence {
  const char* scheduler;
  const char* added;
  const char* connections;
};

class GoldenSequence : public testing::TestWithParam<Sequence> {};

TEST_P(GoldenSequence, IsAsSimulated) {
  SchedulerBench bench(GetParam().scheduler);
  bench.add(GetParam().added);
  const std::string expected = GetParam().connections;
  EXPECT_EQ(bench.connections(expected.size()), expected)
      << GetParam().scheduler << " over " << GetParam().added;
}

INSTANTIATE_TEST_SUITE_P(
    Facts, GoldenSequence,
    testing::Values(  //
        Sequence{"lc", "C2 B3 A4", "ABCABCABC"}, Sequence{"wlc", "C2 B3 A4", "ABCABACBA"},
        Sequence{"sed", "C2 B3 A4", "ABACBAABC"}, Sequence{"nq", "C2 B3 A4", "ABCABAABC"},
        Sequence{"lc", "A4 B3 C2", "CBACBA"}, Sequence{"wlc", "A4 B3 C2", "CBAABCABA"},
        Sequence{"sed", "A4 B3 C2", "ABCABACBA"}, Sequence{"nq", "A4 B3 C2", "CBAABACBA"},
        Sequence{"lc", "B1 A2", "ABABA"},    //
        Sequence{"wlc", "B1 A2", "ABAABA"},  //
        Sequence{"sed", "B1 A2", "AABAAB"}, Sequence{"nq", "B1 A2", "ABAAAB"}));

TEST(LeastConnection, CountsAnActiveConnectionAs256InactiveOnes) {
  SchedulerBench bench("lc");
  bench.add("A1 B1");
  bench.load('A', 1, 0);
  bench.load('B', 0, 255);
  EXPECT_EQ(bench.choices(1), "B");
  bench.load('B', 0, 256);
  EXPECT_EQ(bench.choices(1), "B");  // the first in list order keeps ties
  bench.load('B', 0, 257);
  EXPECT_EQ(bench.choices(1), "A");
}

TEST(WeightedLeastConnection, TakesNobodyWhoIsQuiescedOrOverloaded) {
  SchedulerBench bench("wlc");
  bench.add("A1 B9 C0");
  EXPECT_EQ(bench.choices(1), "B");
  bench.set_overloaded('B', true);
  EXPECT_EQ(bench.choices(1), "A");
  bench.edit('A', 0);
  EXPECT_EQ(bench.choices(1), "-");
  bench.set_overloaded('B', false);
  EXPECT_EQ(bench.choices(1), "B");
}

TEST(WeightedLeastConnection, ForgetsAnIdleServerThatLeft) {
  SchedulerBench bench("wlc");
  bench.add("A1 B1");
  bench.remove('B');
  EXPECT_EQ(bench.connections(2), "AA");
}

TEST(Failover, TakesTheHighestWeightThatTakesAny) {
  SchedulerBench bench("fo");
  bench.add("A3 B5 C5 D0");
  EXPECT_EQ(bench.connections(3), "CCC");
  bench.set_overloaded('C', true);
  EXPECT_EQ(bench.choices(1), "B");
  bench.edit('B', 2);
  EXPECT_EQ(bench.choices(1), "A");
}

TEST(Overflow, FillsAServerUntilOneMoreThanItsWeight) {
  SchedulerBench bench("ovf");
  bench.add("A1 B2");
  EXPECT_EQ(bench.connections(6), "BBBAA-");
}

TEST(Overflow, DoesNotSeeInactiveConnections) {
  SchedulerBench bench("ovf");
  bench.add("A1 B2");
  bench.load('B', 2, 1000);
  EXPECT_EQ(bench.choices(1), "B");
}

// The structures against a look at every server, by the rules as the facts write them.

using Better = std::function<bool(const ServerRecord& challenger, const ServerRecord& best)>;
using May = std::function<bool(const ServerRecord&)>;

std::uint64_t overhead(const ServerRecord& s) { return s.active * 256ull + s.inactive; }

struct Rule {
  const char* scheduler;
  May may;
  Better better;
};

std::vector<Rule> rules() {
  const May any = [](const ServerRecord&) { return true; };
  const auto delay = [](const ServerRecord& a, const ServerRecord& b) {
    return (b.active + 1ull) * a.weight > (a.active + 1ull) * b.weight;
  };
  return {
      {"lc", any, [](const auto& a, const auto& b) { return overhead(a) < overhead(b); }},
      {"wlc", any,
       [](const auto& a, const auto& b) {
         return overhead(b) * a.weight > overhead(a) * b.weight;
       }},
      {"sed", any, delay},
      {"nq", any,
       [delay](const auto& a, const auto& b) {
         if (a.active == 0 || b.active == 0) return a.active == 0 && b.active != 0;
         return delay(a, b);
       }},
      {"fo", any, [](const auto& a, const auto& b) { return a.weight > b.weight; }},
      {"ovf", [](const auto& a) { return a.active <= a.weight; },
       [](const auto& a, const auto& b) { return a.weight > b.weight; }},
  };
}

std::optional<std::size_t> scan(const SchedulerBench& bench, const Rule& rule) {
  std::optional<std::size_t> best;
  for (std::size_t seat = bench.size(); seat-- > 0;) {
    const ServerRecord& server = bench[seat];
    if (!server.takes_new_flows() || !rule.may(server)) continue;
    if (!best || rule.better(server, bench[*best])) best = seat;
  }
  return best;
}

void change_something(SchedulerBench& bench, Draw& draw) {
  const std::uint32_t what = draw.below(20);
  if (bench.size() == 0 || (what == 0 && bench.size() < 80)) {
    bench.add({.weight = draw.below(7), .active = draw.below(4), .inactive = draw.below(301)});
    return;
  }
  const std::size_t seat = draw.below(static_cast<std::uint32_t>(bench.size()));
  if (what == 1) return bench.remove(seat);
  if (what <= 3) return bench.edit(seat, draw.below(7));
  if (what <= 5) return bench.set_overloaded(seat, draw.one_in(2));
  bench.load(seat, draw.below(5), draw.one_in(2) ? draw.below(3) : draw.below(601));
}

TEST(Comparison, ChoosesWhomAScanOfAllServersWouldChoose) {
  for (const Rule& rule : rules()) {
    Draw draw(20261121);
    SchedulerBench bench(rule.scheduler);
    for (int step = 0; step < 5000; ++step) {
      change_something(bench, draw);
      const std::optional<std::size_t> expected = scan(bench, rule);
      ASSERT_EQ(bench.pick(), expected) << rule.scheduler << ", step " << step;
      if (expected) bench.load(*expected, bench[*expected].active + 1, bench[*expected].inactive);
    }
  }
}

}  // namespace
}  // namespace lvs::test
