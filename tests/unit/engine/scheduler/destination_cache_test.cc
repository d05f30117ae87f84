#include "director/core/scheduler/destination_cache.h"

#include <gtest/gtest.h>

#include <vector>

#include "director/core/scheduler/server_sets.h"
#include "director/core/scheduler/sweep_clock.h"

namespace lvs::test {
namespace {

using Cache = director::DestinationCache<int>;

Tick at(std::uint32_t seconds) { return Tick{} + seconds_to_ticks(seconds); }
director::MappedAddr destination(std::uint32_t number) { return IpAddr{Ipv4Addr{number}}; }
Cache filled(std::uint32_t count) {
  Cache cache(1, seconds_to_ticks(86400));
  cache.on_time(at(0), [](int) {});
  for (std::uint32_t i = 0; i < count; ++i)
    EXPECT_TRUE(cache.insert(destination(i), static_cast<int>(i), at(0)));
  return cache;
}

TEST(DestinationCache, FindsEachOfMany) {
  Cache cache = filled(20000);
  for (std::uint32_t i = 0; i < 20000; ++i)
    ASSERT_EQ(*cache.use(destination(i), at(0)), static_cast<int>(i));
  EXPECT_EQ(cache.use(destination(20000), at(0)), nullptr);
}

TEST(DestinationCache, RemembersNoMoreThanItsCapacity) {
  Cache cache = filled(Cache::kCapacity);
  EXPECT_EQ(cache.size(), 24576u);
  EXPECT_FALSE(cache.insert(destination(99999), 0, at(0)));
  EXPECT_EQ(cache.use(destination(99999), at(0)), nullptr);
}

// Facts of IPVS, 1.6: four thirds of what is too much, of those idle for six minutes.
TEST(DestinationCache, MakesRoomWhenThereAreTooMany) {
  Cache cache = filled(16384 + 3000);
  std::size_t forgotten = 0;
  const auto forget = [&](int) { ++forgotten; };
  cache.on_time(at(359), forget);
  EXPECT_EQ(forgotten, 0u);
  cache.on_time(at(360), forget);
  EXPECT_GE(forgotten, 4000u);
  EXPECT_LT(forgotten, 4020u);  // the last bucket goes as a whole
  EXPECT_EQ(cache.size(), 19384 - forgotten);
  cache.on_time(at(1740), forget);
  EXPECT_LT(forgotten, 4020u);  // now there are few enough
}

TEST(DestinationCache, KeepsWhatIsInUseWhenItMakesRoom) {
  Cache cache = filled(16384 + 3000);
  for (std::uint32_t i = 0; i < 19000; ++i) cache.use(destination(i), at(300));
  cache.on_time(at(360), [](int) {});
  EXPECT_EQ(cache.size(), 19000u);
  for (std::uint32_t i = 0; i < 19000; ++i) ASSERT_NE(cache.use(destination(i), at(360)), nullptr);
}

TEST(DestinationCache, UsesThePlacesOfTheForgottenAgain) {
  Cache cache = filled(Cache::kCapacity);
  cache.on_time(at(86400 + 1800), [](int) {});
  EXPECT_EQ(cache.size(), 0u);
  for (std::uint32_t i = 0; i < Cache::kCapacity; ++i)
    ASSERT_TRUE(cache.insert(destination(i + 7), static_cast<int>(i), at(90000)));
  EXPECT_FALSE(cache.insert(destination(99999), 0, at(90000)));
  EXPECT_EQ(*cache.use(destination(7), at(90000)), 0);
}

std::vector<std::pair<std::uint32_t, bool>> sweeps(director::SweepClock& clock,
                                                   std::uint32_t until_s) {
  std::vector<std::pair<std::uint32_t, bool>> sweeps;
  clock.run_until(at(until_s), [&](Tick when, bool is_full) {
    sweeps.emplace_back(when.number / kTicksPerSecond, is_full);
  });
  return sweeps;
}

TEST(SweepClock, SweepsEachMinuteAndEveryThirtiethTimeInFull) {
  director::SweepClock clock;
  EXPECT_TRUE(sweeps(clock, 0).empty());
  EXPECT_TRUE(sweeps(clock, 59).empty());
  for (std::uint32_t minute = 1; minute <= 90; ++minute) {
    const auto swept = sweeps(clock, 60 * minute);
    ASSERT_EQ(swept.size(), 1u);
    EXPECT_EQ(swept[0].second, minute % 30 == 0) << minute;
  }
}

TEST(SweepClock, MakesUpForThirtySweepsAtMost) {
  director::SweepClock clock;
  EXPECT_TRUE(sweeps(clock, 0).empty());
  const auto swept = sweeps(clock, 6010);  // 100 are due
  ASSERT_EQ(swept.size(), 30u);
  EXPECT_EQ(swept.front(), std::make_pair(60 * 71u, false));
  EXPECT_EQ(swept[19], std::make_pair(60 * 90u, true));
  EXPECT_EQ(swept.back(), std::make_pair(6000u, false));
}

TEST(ServerSets, KeepOrderAndHaveNoRoomForMoreThanTheirCapacity) {
  director::ServerSets sets;
  director::ServerSet set;
  for (std::uint32_t i = 0; i < director::ServerSets::kCapacity; ++i)
    ASSERT_TRUE(sets.add(set, i, at(0)));
  director::ServerSet other;
  EXPECT_FALSE(sets.add(other, 5, at(0)));
  sets.remove(set, 131070, at(3));
  EXPECT_EQ(set.changed_at, at(3));
  EXPECT_TRUE(sets.add(other, 5, at(0)));
  EXPECT_TRUE(sets.has(other, 5));
  EXPECT_FALSE(sets.has(set, 131070));
  std::vector<std::uint32_t> first;
  sets.for_each(set, [&](std::uint32_t number) {
    if (first.size() < 3) first.push_back(number);
  });
  EXPECT_EQ(first, (std::vector<std::uint32_t>{131071, 131069, 131068}));
  sets.clear(set, at(4));
  EXPECT_EQ(set.size, 0u);
}

}  // namespace
}  // namespace lvs::test
