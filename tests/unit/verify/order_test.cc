#include "verify/core/order.h"

#include <gtest/gtest.h>

namespace lvs::verify {
namespace {

const Names kCycle{"c", "b", "a"};

TEST(RoundRobinCycle, IsTheOrderOfAddingReversed) {
  EXPECT_EQ(round_robin_cycle({{"a", 1}, {"b", 5}, {"c", 1}}), kCycle);
}

TEST(RoundRobinCycle, PassesOverWeightZero) {
  EXPECT_EQ(round_robin_cycle({{"a", 1}, {"b", 0}, {"c", 1}}), (Names{"c", "a"}));
}

TEST(JudgeOrder, AcceptsEveryStartingPoint) {
  EXPECT_EQ(judge_order(kCycle, {"c", "b", "a", "c"}).fault, OrderFault::None);
  EXPECT_EQ(judge_order(kCycle, {"b", "a", "c", "b"}).fault, OrderFault::None);
  EXPECT_EQ(judge_order(kCycle, {"a", "c", "b", "a"}).fault, OrderFault::None);
}

TEST(JudgeOrder, RefusesAlwaysTheFirst) {
  const OrderVerdict verdict = judge_order(kCycle, {"c", "c", "c"});
  EXPECT_EQ(verdict.fault, OrderFault::Stuck);
  EXPECT_EQ(verdict.at, 1u);
  EXPECT_EQ(verdict.expected, "b");
}

TEST(JudgeOrder, AcceptsOneServerAlone) {
  EXPECT_EQ(judge_order({"a"}, {"a", "a", "a"}).fault, OrderFault::None);
}

TEST(JudgeOrder, RefusesASkippedTurn) {
  const OrderVerdict verdict = judge_order(kCycle, {"c", "b", "a", "b"});
  EXPECT_EQ(verdict.fault, OrderFault::Skipped);
  EXPECT_EQ(verdict.at, 3u);
  EXPECT_EQ(verdict.expected, "c");
  EXPECT_EQ(verdict.seen, "b");
}

TEST(JudgeOrder, RefusesSwappedOrder) {
  EXPECT_EQ(judge_order(kCycle, {"a", "b", "c", "a", "b", "c"}).fault, OrderFault::Skipped);
}

TEST(JudgeOrder, RefusesOneServerTwiceInARow) {
  const OrderVerdict verdict = judge_order(kCycle, {"c", "b", "b", "a"});
  EXPECT_EQ(verdict.fault, OrderFault::Repeated);
  EXPECT_EQ(verdict.at, 2u);
}

TEST(JudgeOrder, RefusesAStranger) {
  EXPECT_EQ(judge_order(kCycle, {"c", "x", "a"}).fault, OrderFault::Stranger);
  EXPECT_EQ(judge_order({}, {"x"}).fault, OrderFault::Stranger);
}

TEST(JudgeOrder, HasNothingAgainstAnEmptySequence) {
  EXPECT_EQ(judge_order(kCycle, {}).fault, OrderFault::None);
}

TEST(Compact, CountsRepetitionsOfAPeriod) {
  EXPECT_EQ(compact({"b", "a", "b", "a", "b"}), "b a, 2 times, then b");
  EXPECT_EQ(compact({"a", "a", "a"}), "a, 3 times");
}

TEST(Compact, WritesRunsWhenNothingRepeats) {
  EXPECT_EQ(compact({"b", "a", "a", "a", "b"}), "b a x3 b");
  EXPECT_EQ(compact({}), "nothing");
}

}  // namespace
}  // namespace lvs::verify
