#include <gtest/gtest.h>

#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

SchedulerBench abc() {
  SchedulerBench bench("rr");
  bench.add("A1 B5 C1");
  return bench;
}

TEST(RoundRobin, BeginsWithTheNewestAndIgnoresWeights) { EXPECT_EQ(abc().choices(7), "CBACBAC"); }

TEST(RoundRobin, HasNoChoiceInAnEmptyList) { EXPECT_EQ(SchedulerBench("rr").choices(2), "--"); }

TEST(RoundRobin, SkipsQuiescedAndOverloadedServers) {
  SchedulerBench bench = abc();
  bench.edit('B', 0);
  EXPECT_EQ(bench.choices(4), "CACA");
  bench.set_overloaded('C', true);
  EXPECT_EQ(bench.choices(2), "AA");
}

TEST(RoundRobin, StaysWhereItWasWhenNoServerMay) {
  SchedulerBench bench = abc();
  EXPECT_EQ(bench.choices(1), "C");
  for (const char name : {'A', 'B', 'C'}) bench.edit(name, 0);
  EXPECT_EQ(bench.choices(2), "--");
  for (const char name : {'A', 'B', 'C'}) bench.edit(name, 1);
  EXPECT_EQ(bench.choices(2), "BA");
}

TEST(RoundRobin, GivesANewServerItsTurnAfterTheWrap) {
  SchedulerBench bench = abc();
  EXPECT_EQ(bench.choices(1), "C");
  bench.add("D1");
  EXPECT_EQ(bench.choices(4), "BADC");
}

TEST(RoundRobin, GivesANewServerTheTurnThatComesNextAtTheWrap) {
  SchedulerBench bench = abc();
  EXPECT_EQ(bench.choices(3), "CBA");
  bench.add("D1");
  EXPECT_EQ(bench.choices(2), "DC");
}

TEST(RoundRobin, GoesOnBehindAServerThatWasRemoved) {
  SchedulerBench bench = abc();
  EXPECT_EQ(bench.choices(2), "CB");
  bench.remove('B');
  EXPECT_EQ(bench.choices(3), "ACA");
}

TEST(RoundRobin, IsNotMovedByTheRemovalOfOthers) {
  SchedulerBench before = abc();
  EXPECT_EQ(before.choices(2), "CB");
  before.remove('C');
  EXPECT_EQ(before.choices(2), "AB");

  SchedulerBench behind = abc();
  EXPECT_EQ(behind.choices(1), "C");
  behind.remove('A');
  EXPECT_EQ(behind.choices(2), "BC");
}

TEST(RoundRobin, StartsAtTheHeadWhenItsServerWasTheFirstAndIsRemoved) {
  SchedulerBench bench = abc();
  EXPECT_EQ(bench.choices(1), "C");
  bench.remove('C');
  EXPECT_EQ(bench.choices(2), "BA");
}

TEST(RoundRobin, GoesThroughMoreServersThanOneWordHolds) {
  SchedulerBench bench("rr");
  for (std::size_t i = 0; i < 200; ++i) bench.add({.weight = i % 3 == 0 ? 1u : 0u});
  for (std::size_t seat = 201; seat > 0; seat -= 3) EXPECT_EQ(bench.pick(), seat - 3);
  EXPECT_EQ(bench.pick(), 198u);
}

}  // namespace
}  // namespace lvs::test
