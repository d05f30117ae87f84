#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/draw.h"
#include "tests/support/scheduler_bench.h"
#include "tests/unit/engine/scheduler/locality_model.h"

namespace lvs::test {
namespace {

using director::NewFlow;

Tick at(std::uint32_t seconds) { return Tick{} + seconds_to_ticks(seconds); }
NewFlow to(std::uint8_t destination, std::uint32_t seconds = 0) {
  return {.destination = IpAddr{Ipv4Addr{198, 51, 100, destination}}, .now = at(seconds)};
}

/// Destination 1 belongs to B, which wlc would not choose.
SchedulerBench remembering(const director::SchedulerSetup& setup = {}) {
  SchedulerBench bench("lblc", setup);
  bench.add("A1 B1");
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  bench.load('B', 1);
  EXPECT_EQ(bench.choices(1, to(2)), "A");
  return bench;
}

TEST(LocalityBasedLeastConnection, KeepsTheServerOfADestination) {
  SchedulerBench bench = remembering();
  EXPECT_EQ(bench.choices(3, to(1)), "BBB");
}

TEST(LocalityBasedLeastConnection, LeavesAServerThatIsTooBusyWhileAnotherIsHalfIdle) {
  SchedulerBench bench = remembering();
  bench.load('B', 2);
  bench.load('A', 1);  // 2 * 1 is not less than 1: nobody is half idle
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  bench.load('A', 0);
  EXPECT_EQ(bench.choices(1, to(1)), "A");
  bench.load('B', 0);
  bench.load('A', 1);
  EXPECT_EQ(bench.choices(1, to(1)), "A");  // it is A's now
}

TEST(LocalityBasedLeastConnection, DoesNotLookAtTheOverloadOfARememberedServer) {
  SchedulerBench bench = remembering();
  bench.set_overloaded('B', true);
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  EXPECT_EQ(bench.choices(1, to(3)), "A");
}

TEST(LocalityBasedLeastConnection, KeepsTheOldServerWhenNobodyElseMay) {
  SchedulerBench bench = remembering();
  bench.edit('B', 0);
  bench.set_overloaded('A', true);
  EXPECT_EQ(bench.choices(1, to(1)), "-");
  bench.edit('B', 1);
  bench.set_overloaded('A', false);
  EXPECT_EQ(bench.choices(1, to(1)), "B");
}

TEST(LocalityBasedLeastConnection, RemembersAServerThatWasRemovedByItsAddress) {
  SchedulerBench bench = remembering();
  bench.remove('B');
  bench.add("C9 B1");  // another record, and so another id
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  EXPECT_EQ(bench.choices(1, to(4)), "B");
  bench.load('B', 1);
  EXPECT_EQ(bench.choices(1, to(5)), "C");
  EXPECT_EQ(bench.choices(1, to(1)), "B");
}

TEST(LocalityBasedLeastConnection, ForgetsARemovedServerOnceAnotherWasStored) {
  SchedulerBench bench = remembering();
  bench.remove('B');
  EXPECT_EQ(bench.choices(1, to(1)), "A");
  bench.add("B1");
  EXPECT_EQ(bench.choices(1, to(1)), "A");
}

TEST(LocalityBasedLeastConnection, ForgetsWhatWasNotUsedAtTheThirtiethMinute) {
  SchedulerBench bench = remembering({.lblc_expiration = seconds_to_ticks(600)});
  bench.pass_time(at(0));
  bench.pass_time(at(1799));
  EXPECT_EQ(bench.choices(1, to(1, 1100)), "B");
  SchedulerBench used = bench;
  EXPECT_EQ(used.choices(1, to(1, 1201)), "B");
  bench.pass_time(at(1801));
  used.pass_time(at(1801));
  EXPECT_EQ(bench.choices(1, to(1, 1801)), "A");
  EXPECT_EQ(used.choices(1, to(1, 1801)), "B");
}

TEST(LocalityBasedLeastConnection, ChoosesWhomItsRulesChoose) {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    LocalityScenario scenario("lblc", seed);
    std::map<int, char> cache;
    for (int step = 0; step < 5000; ++step) {
      scenario.change_something();
      const int destination = scenario.destination();
      std::optional<std::size_t> expected = scenario.seat_of(cache[destination]);
      if (expected && (scenario[*expected].weight == 0 || scenario.is_too_busy(*expected)))
        expected.reset();
      if (!expected) expected = scenario.lightest();
      if (expected) cache[destination] = scenario.name_of(*expected);
      ASSERT_EQ(scenario.pick(destination), expected) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace lvs::test
