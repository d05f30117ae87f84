#include "director/core/route_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace lvs::director {
namespace {

constexpr Tick kNow{5000};
constexpr HashKey kKey{1, 2};
const IpAddr kClient = Ipv4Addr(203, 0, 113, 5);
const IpAddr kClient6 = Ipv6Addr{{0x20, 0x01, 0x0d, 0xb8, 1}};

IpAddr client(std::uint32_t number) { return Ipv4Addr{0x0a000000u + number}; }

TEST(RouteCache, AsksOnceForEachClient) {
  RouteCache cache(kKey, 16);
  for (int packet = 0; packet < 3; ++packet) {
    EXPECT_FALSE(cache.find(kClient, kNow).is_known);
    EXPECT_FALSE(cache.find(kClient6, kNow).is_known);
  }
  EXPECT_EQ(cache.take_wanted(), (std::vector<IpAddr>{kClient, kClient6}));
  EXPECT_FALSE(cache.find(kClient, kNow).is_known);
  EXPECT_TRUE(cache.take_wanted().empty());
}

TEST(RouteCache, AsksAgainWhenNoAnswerCame) {
  RouteCache cache(kKey, 16);
  cache.find(kClient, kNow);
  cache.take_wanted();
  cache.find(kClient, kNow + Ticks{99});
  EXPECT_TRUE(cache.take_wanted().empty());
  cache.find(kClient, kNow + Ticks{100});
  EXPECT_EQ(cache.take_wanted(), std::vector<IpAddr>{kClient});
}

TEST(RouteCache, RemembersWaysAndThatThereIsNone) {
  RouteCache cache(kKey, 16);
  cache.set(kClient, NextHopId{7}, kNow);
  cache.set(kClient6, std::nullopt, kNow);
  EXPECT_TRUE(cache.find(kClient, kNow).is_known);
  EXPECT_EQ(cache.find(kClient, kNow).hop, NextHopId{7});
  EXPECT_TRUE(cache.find(kClient6, kNow).is_known);
  EXPECT_EQ(cache.find(kClient6, kNow).hop, NextHopId{});
  EXPECT_TRUE(cache.take_wanted().empty());
  cache.set(kClient, NextHopId{8}, kNow);
  EXPECT_EQ(cache.find(kClient, kNow).hop, NextHopId{8});
}

TEST(RouteCache, ForgetsAllAndAsksAnew) {
  RouteCache cache(kKey, 16);
  cache.set(kClient, NextHopId{7}, kNow);
  cache.find(kClient6, kNow);
  cache.forget();
  EXPECT_TRUE(cache.take_wanted().empty());
  EXPECT_FALSE(cache.find(kClient, kNow).is_known);
  EXPECT_FALSE(cache.find(kClient6, kNow).is_known);
  EXPECT_EQ(cache.take_wanted().size(), 2u);
}

TEST(RouteCache, NotesNoMoreThanItMayAtATime) {
  RouteCache cache(kKey, 1024);
  for (std::uint32_t i = 0; i < 3000; ++i) cache.find(client(i), kNow);
  EXPECT_EQ(cache.take_wanted().size(), RouteCache::kWanted);
  for (std::uint32_t i = 0; i < 3000; ++i) cache.find(client(i), kNow);
  const std::vector<IpAddr> later = cache.take_wanted();
  EXPECT_EQ(later.size(), RouteCache::kWanted) << "those that were not noted before";
  EXPECT_EQ(std::ranges::count(later, client(0)), 0);
}

TEST(RouteCache, ForgetsTheWayThatWasUsedLongestAgoWhenItIsFull) {
  RouteCache cache(kKey, 1);  // one set of four
  for (std::uint32_t i = 0; i < 4; ++i) cache.set(client(i), NextHopId{1}, kNow + Ticks{i});
  EXPECT_TRUE(cache.find(client(0), kNow + Ticks{10}).is_known);
  cache.set(client(4), NextHopId{1}, kNow + Ticks{11});
  EXPECT_TRUE(cache.find(client(0), kNow + Ticks{12}).is_known);
  EXPECT_TRUE(cache.find(client(4), kNow + Ticks{12}).is_known);
  EXPECT_FALSE(cache.find(client(1), kNow + Ticks{12}).is_known);
}

}  // namespace
}  // namespace lvs::director
