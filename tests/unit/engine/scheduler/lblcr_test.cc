#include <gtest/gtest.h>

#include <algorithm>
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

/// Destination 1 has the set {A, B}, the one that was added last first.
SchedulerBench with_two(const director::SchedulerSetup& setup = {}) {
  SchedulerBench bench("lblcr", setup);
  bench.add("A1 B1");
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  bench.load('B', 2);
  EXPECT_EQ(bench.choices(1, to(1)), "A");  // too busy, A is idle
  bench.load('B', 0);
  return bench;
}

TEST(LocalityBasedLeastConnectionReplicated, KeepsTheServerOfADestination) {
  SchedulerBench bench("lblcr");
  bench.add("A1 B1");
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  bench.load('B', 1);
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  EXPECT_EQ(bench.choices(1, to(2)), "A");  // wlc
}

TEST(LocalityBasedLeastConnectionReplicated, TakesTheLeastLoadedOfTheSet) {
  SchedulerBench bench = with_two();
  bench.add("C9");
  EXPECT_EQ(bench.choices(1, to(1)), "A");  // a tie: the member that was added last
  bench.load('A', 1);
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  EXPECT_EQ(bench.choices(1, to(2)), "C");
}

TEST(LocalityBasedLeastConnectionReplicated, DoesNotCountMembersThatMayNot) {
  SchedulerBench bench = with_two();
  bench.set_overloaded('A', true);
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  bench.set_overloaded('A', false);
  bench.edit('A', 0);
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  bench.remove('A');
  EXPECT_EQ(bench.choices(1, to(1)), "B");
  bench.add("A1");
  EXPECT_EQ(bench.choices(1, to(1)), "A");  // it is a member still, the first in order
}

TEST(LocalityBasedLeastConnectionReplicated, SendsTheMostLoadedMemberAwayAfterALongTime) {
  SchedulerBench bench = with_two({.lblcr_expiration = seconds_to_ticks(600)});
  bench.load('A', 1);
  EXPECT_EQ(bench.choices(1, to(1, 600)), "B");
  bench.load('A', 0);
  bench.load('B', 1);
  EXPECT_EQ(bench.choices(1, to(1, 600)), "A");  // both are members yet
  EXPECT_EQ(bench.choices(1, to(1, 601)), "A");  // B leaves
  bench.load('B', 0);
  bench.load('A', 1);
  EXPECT_EQ(bench.choices(1, to(1, 601)), "A");
}

TEST(LocalityBasedLeastConnectionReplicated, ForgetsWhatWasNotUsedAtTheThirtiethMinute) {
  SchedulerBench bench = with_two({.lblcr_expiration = seconds_to_ticks(600)});
  bench.pass_time(at(0));
  bench.load('A', 1);
  bench.load('B', 1);
  bench.add("C9");
  EXPECT_EQ(bench.choices(1, to(1)), "A");
  bench.pass_time(at(1801));
  EXPECT_EQ(bench.choices(1, to(1, 1801)), "C");
}

/// A set as a list of names, the one added last first.
struct Set {
  std::string members;
  Tick changed_at{};
};

std::optional<std::size_t> least_loaded(const LocalityScenario& scenario, const Set& set) {
  std::optional<std::size_t> best;
  for (const char name : set.members) {
    const std::optional<std::size_t> seat = scenario.seat_of(name);
    if (!seat || !scenario[*seat].takes_new_flows()) continue;
    if (!best || LocalityScenario::has_less(scenario[*seat], scenario[*best])) best = seat;
  }
  return best;
}

void drop_most_loaded(const LocalityScenario& scenario, Set& set) {
  char most = 0;
  for (const char name : set.members) {
    const director::ServerRecord& server = scenario.record_of(name);
    if (server.weight == 0) continue;
    if (most == 0 || LocalityScenario::has_less(scenario.record_of(most), server)) most = name;
  }
  if (most == 0) return;
  std::erase(set.members, most);
  set.changed_at = scenario.now();
}

std::optional<std::size_t> expected_of(const LocalityScenario& scenario, Set& set,
                                       Ticks expiration) {
  const std::optional<std::size_t> least = least_loaded(scenario, set);
  if (set.members.size() > 1 && scenario.now() > set.changed_at + expiration)
    drop_most_loaded(scenario, set);
  if (least && !scenario.is_too_busy(*least)) return least;
  const std::optional<std::size_t> lightest = scenario.lightest();
  if (!lightest) return std::nullopt;
  const char name = scenario.name_of(*lightest);
  if (set.members.find(name) == std::string::npos) {
    set.members.insert(set.members.begin(), name);
    set.changed_at = scenario.now();
  }
  return lightest;
}

TEST(LocalityBasedLeastConnectionReplicated, ChoosesWhomItsRulesChoose) {
  constexpr Ticks kExpiration = seconds_to_ticks(500);
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    LocalityScenario scenario("lblcr", seed, {.lblcr_expiration = kExpiration});
    std::map<int, Set> cache;
    for (int step = 0; step < 5000; ++step) {
      scenario.change_something();
      const int destination = scenario.destination();
      const std::optional<std::size_t> expected =
          expected_of(scenario, cache[destination], kExpiration);
      ASSERT_EQ(scenario.pick(destination), expected) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace lvs::test
