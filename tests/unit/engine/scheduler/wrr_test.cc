#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "tests/support/draw.h"
#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

// Facts of IPVS, 1.3. The facts write list order, which is the order of addition reversed.
struct Cycle {
  const char* added;
  const char* turns;
};

class GoldenCycle : public testing::TestWithParam<Cycle> {};

TEST_P(GoldenCycle, ComesTwiceAfterAnotherScheduler) {
  SchedulerBench bench("rr");
  bench.add(GetParam().added);
  bench.change_scheduler("wrr");
  const std::string turns = GetParam().turns;
  EXPECT_EQ(bench.choices(2 * turns.size()), turns + turns);
}

INSTANTIATE_TEST_SUITE_P(Facts, GoldenCycle,
                         testing::Values(Cycle{"C2 B3 A4", "AABABCABC"},
                                         Cycle{"A4 B3 C2", "ABACBACBA"},
                                         Cycle{"C2 B4 A6", "AABABC"},
                                         Cycle{"C1 B1 A5", "AAAAABC"},                       //
                                         Cycle{"B5 A10", "AAB"},                             //
                                         Cycle{"C1 B0 A3", "AAAC"}, Cycle{"B1 A3", "AAAB"},  //
                                         Cycle{"C1 B1 A1", "ABC"}));

TEST(WeightedRoundRobin, BeginsWithAPassOfAllWhenServersAreAdded) {
  SchedulerBench bench("wrr");
  bench.add("A4 B3 C2");
  EXPECT_EQ(bench.choices(21), "CBAABACBACBAABACBACBA");
}

TEST(WeightedRoundRobin, HasNoChoiceWithoutAWeight) {
  SchedulerBench bench("wrr");
  EXPECT_EQ(bench.choices(1), "-");
  bench.add("A0");
  EXPECT_EQ(bench.choices(2), "--");
  bench.edit('A', 2);
  EXPECT_EQ(bench.choices(2), "AA");
}

TEST(WeightedRoundRobin, BeginsAtTheHeadAfterAnyChange) {
  SchedulerBench bench("wrr");
  bench.add("A1 B1 C1");
  EXPECT_EQ(bench.choices(1), "C");
  bench.edit('A', 1);
  EXPECT_EQ(bench.choices(1), "C");
  bench.remove('A');
  EXPECT_EQ(bench.choices(2), "CB");
}

// Case (b) of the facts: over the end of a cycle, with everybody overloaded, nothing moves.
TEST(WeightedRoundRobin, GoesOnWhereItWasAfterAnOverloadInTheLowestPass) {
  SchedulerBench bench("wrr");
  bench.add("A1 B1 C1");
  EXPECT_EQ(bench.choices(1), "C");
  for (const char name : {'A', 'B', 'C'}) bench.set_overloaded(name, true);
  EXPECT_EQ(bench.choices(2), "--");
  for (const char name : {'A', 'B', 'C'}) bench.set_overloaded(name, false);
  EXPECT_EQ(bench.choices(3), "BAC");
}

// Case (a): within a cycle it is at the head afterwards, at the highest weight.
TEST(WeightedRoundRobin, BeginsTheCycleAnewAfterAnOverloadInAHigherPass) {
  SchedulerBench bench("rr");
  bench.add("C2 B3 A4");
  bench.change_scheduler("wrr");
  EXPECT_EQ(bench.choices(3), "AAB");
  for (const char name : {'A', 'B', 'C'}) bench.set_overloaded(name, true);
  EXPECT_EQ(bench.choices(1), "-");
  for (const char name : {'A', 'B', 'C'}) bench.set_overloaded(name, false);
  EXPECT_EQ(bench.choices(9), "AABABCABC");
}

/// The walk as the facts tell it, a server at a time.
class Walk {
 public:
  void change(const SchedulerBench& bench) {
    std::int64_t divisor = 0;
    std::int64_t greatest = 0;
    for (std::size_t seat = 0; seat < bench.size(); ++seat) {
      divisor = std::gcd(divisor, std::int64_t{bench[seat].weight});
      greatest = std::max(greatest, std::int64_t{bench[seat].weight});
    }
    di_ = divisor == 0 ? 1 : divisor;
    mw_ = greatest - (di_ - 1);
    if (greatest == 0) mw_ = 0;
    at_ = kHead;
    if (cw_ > mw_ || cw_ == 0) {
      cw_ = mw_;
    } else if (di_ > 1) {
      cw_ = cw_ / di_ * di_ + 1;
    }
  }

  std::optional<std::size_t> pick(const SchedulerBench& bench) {
    if (mw_ == 0) return std::nullopt;
    const std::int64_t began = at_;
    const auto size = static_cast<std::int64_t>(bench.size());  // list index 0 is the last seat
    bool in_first_pass = true;
    bool ran_out_in_first_pass = false;
    bool is_lowest = false;
    for (std::int64_t i = began + 1;; ++i) {
      if (i < size) {
        const director::ServerRecord& server = bench[static_cast<std::size_t>(size - 1 - i)];
        const bool is_overloaded = (server.flags & director::server_flag::kOverload) != 0;
        if (!is_overloaded && std::int64_t{server.weight} >= cw_) {
          at_ = i;
          return static_cast<std::size_t>(size - 1 - i);
        }
        if (is_lowest && ran_out_in_first_pass && i == began) return std::nullopt;  // (b)
        continue;
      }
      cw_ -= di_;
      if (cw_ <= 0) {
        cw_ = mw_;
        if (is_lowest || began == kHead) {  // (a)
          at_ = kHead;
          return std::nullopt;
        }
        ran_out_in_first_pass = in_first_pass;
      }
      in_first_pass = false;
      is_lowest = cw_ <= di_;
      i = kHead;
    }
  }

 private:
  static constexpr std::int64_t kHead = -1;
  std::int64_t at_ = kHead, cw_ = 0, mw_ = 0, di_ = 1;
};

struct Range {
  std::uint32_t unit;     // weights are multiples of it
  std::uint32_t highest;  // in units
  std::uint32_t servers;
};

void change_something(SchedulerBench& bench, Walk& walk, const Range& range, Draw& draw) {
  const std::uint32_t weight = draw.below(range.highest + 1) * range.unit;
  const std::uint32_t what = draw.below(100);
  const std::size_t seat =
      bench.size() == 0 ? 0 : draw.below(static_cast<std::uint32_t>(bench.size()));
  if (bench.size() == 0 || (what < 2 && bench.size() < range.servers)) {
    bench.add({.weight = weight});
  } else if (what < 3) {
    bench.remove(seat);
  } else if (what < 5) {
    bench.edit(seat, weight);
  } else if (what < 30) {
    return bench.set_overloaded(seat, !draw.one_in(4));
  } else if (what == 30) {
    for (std::size_t each = 0; each < bench.size(); ++each) bench.set_overloaded(each, true);
    return;
  } else if (what == 31) {
    for (std::size_t each = 0; each < bench.size(); ++each) bench.set_overloaded(each, false);
    return;
  } else {
    return;
  }
  walk.change(bench);
}

void compare(const Range& range, std::uint32_t seed) {
  Draw draw(seed);
  SchedulerBench bench("wrr");
  Walk walk;
  std::size_t nones = 0;
  for (int step = 0; step < 20000; ++step) {
    change_something(bench, walk, range, draw);
    const std::optional<std::size_t> expected = walk.pick(bench);
    if (!expected) ++nones;
    ASSERT_EQ(bench.pick(), expected) << "seed " << seed << ", step " << step;
  }
  EXPECT_GT(nones, 100u);
  EXPECT_LT(nones, 15000u);
}

TEST(WeightedRoundRobin, ChoosesWhomTheWalkChooses) {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    compare({.unit = 1, .highest = 5, .servers = 5}, seed);
    compare({.unit = 3, .highest = 4, .servers = 4}, seed);
    compare({.unit = 1, .highest = 1, .servers = 3}, seed);
    compare({.unit = 2, .highest = 50, .servers = 40}, seed);
  }
}

}  // namespace
}  // namespace lvs::test
