#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "director/core/scheduler/weight_sums.h"
#include "tests/support/draw.h"
#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

/// Facts of IPVS, 1.2: the list is walked, weights are taken off the number.
std::size_t walk(const std::vector<std::uint32_t>& weights, std::uint64_t amount) {
  std::size_t seat = weights.size();
  while (true) {
    --seat;
    if (weights[seat] == 0) continue;
    if (amount <= weights[seat]) return seat;
    amount -= weights[seat];
  }
}

TEST(WeightSums, FindTheSeatThatTheWalkFinds) {
  Draw draw(7);
  std::vector<std::uint32_t> weights;
  director::WeightSums sums;
  for (int step = 0; step < 3000; ++step) {
    const std::uint32_t weight = draw.below(4);
    const std::uint32_t what = draw.below(10);
    const std::size_t seat = draw.below(static_cast<std::uint32_t>(weights.size() + 1));
    if (seat == weights.size() || what == 0) {
      weights.push_back(weight);
      sums.push_back(weight);
    } else if (what == 1) {
      weights.erase(weights.begin() + static_cast<std::ptrdiff_t>(seat));
      sums.erase(seat);
    } else {
      weights[seat] = weight;
      sums.set(seat, weight);
    }
    std::uint64_t total = 0;
    for (const std::uint32_t each : weights) total += each;
    ASSERT_EQ(sums.total(), total);
    for (std::uint64_t amount = 1; amount <= std::min<std::uint64_t>(total, 40); ++amount)
      ASSERT_EQ(sums.seat_where_used_up(amount), walk(weights, amount)) << step;
  }
}

/// How often each is chosen of many connections that leave no trace.
std::map<char, double> frequencies(SchedulerBench& bench, std::size_t count) {
  std::map<char, double> frequencies;
  for (const char name : bench.choices(count))
    frequencies[name] += 1.0 / static_cast<double>(count);
  return frequencies;
}

// One draw finds C with 4/7, because 0 counts for the first in list order too, B with 2/7, A with
// 1/7; as nobody has a connection, the first draw stays.
TEST(PowerOfTwoChoices, DrawsByWeightFromZeroToTheSum) {
  SchedulerBench bench("twos", {.seed = 1});
  bench.add("A1 B2 C3");
  std::map<char, double> drawn = frequencies(bench, 100000);
  EXPECT_NEAR(drawn['C'], 4.0 / 7, 0.01);
  EXPECT_NEAR(drawn['B'], 2.0 / 7, 0.01);
  EXPECT_NEAR(drawn['A'], 1.0 / 7, 0.01);
}

// A has load, so it is chosen only when both draws find it: 1/9.
TEST(PowerOfTwoChoices, TakesTheLessLoadedOfTheTwo) {
  SchedulerBench bench("twos", {.seed = 2});
  bench.add("A1 B1");
  bench.load('A', 1);
  std::map<char, double> drawn = frequencies(bench, 100000);
  EXPECT_NEAR(drawn['A'], 1.0 / 9, 0.01);
  EXPECT_NEAR(drawn['B'], 8.0 / 9, 0.01);
}

// Loads 3 and 2 at weights 3 and 1: A has less by weight.
TEST(PowerOfTwoChoices, ComparesByWeight) {
  SchedulerBench bench("twos", {.seed = 3});
  bench.add("A3 B1");
  bench.load('A', 3);
  bench.load('B', 2);
  std::map<char, double> drawn = frequencies(bench, 100000);
  EXPECT_NEAR(drawn['B'], 2.0 / 5 * 2.0 / 5, 0.01);  // both draws: 0 and 1 of 0 to 4
}

TEST(PowerOfTwoChoices, TakesNobodyWhoIsQuiescedOrOverloaded) {
  SchedulerBench bench("twos");
  bench.add("A1 B5 C0");
  bench.set_overloaded('B', true);
  EXPECT_EQ(bench.choices(20), std::string(20, 'A'));
  bench.remove('A');
  EXPECT_EQ(bench.choices(2), "--");
}

TEST(PowerOfTwoChoices, IsTheSameForTheSameSeed) {
  const auto choices = [](std::uint64_t seed) {
    SchedulerBench bench("twos", {.seed = seed});
    bench.add("A1 B1 C1 D1");
    return bench.choices(50);
  };
  EXPECT_EQ(choices(5), choices(5));
  EXPECT_NE(choices(5), choices(6));
}

}  // namespace
}  // namespace lvs::test
