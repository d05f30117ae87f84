#include "director/core/path_mtu.h"

#include <gtest/gtest.h>

namespace lvs::director {
namespace {

constexpr Tick kNow{5000};

TEST(PathMtus, LearnsTheLeastForTenMinutes) {
  PathMtus mtus;
  mtus.make_room(2);
  const NextHopId hop{2};
  EXPECT_EQ(mtus.find(hop, kNow), 0);
  mtus.learn(hop, 1400, Family::Ipv4, kNow);
  mtus.learn(hop, 1450, Family::Ipv4, kNow);
  EXPECT_EQ(mtus.find(hop, kNow), 1400) << "it only lowers";
  mtus.learn(hop, 1300, Family::Ipv4, kNow);
  EXPECT_EQ(mtus.find(hop, kNow + Ticks{59999}), 1300);
  EXPECT_EQ(mtus.find(hop, kNow + Ticks{60000}), 0);
  EXPECT_EQ(mtus.find(NextHopId{1}, kNow), 0) << "another way";
}

TEST(PathMtus, BelievesNothingBelowTheFloor) {
  PathMtus mtus;
  mtus.make_room(2);
  mtus.learn(NextHopId{1}, 0, Family::Ipv4, kNow);
  EXPECT_EQ(mtus.find(NextHopId{1}, kNow), 68);
  mtus.learn(NextHopId{2}, 600, Family::Ipv6, kNow);
  EXPECT_EQ(mtus.find(NextHopId{2}, kNow), 1280);
}

TEST(PathMtus, KnowsNothingOfOtherNumbers) {
  PathMtus mtus;
  mtus.make_room(1);
  mtus.learn(NextHopId{2}, 1400, Family::Ipv4, kNow);
  mtus.learn(NextHopId{}, 1400, Family::Ipv4, kNow);
  EXPECT_EQ(mtus.find(NextHopId{2}, kNow), 0);
  EXPECT_EQ(mtus.find(NextHopId{}, kNow), 0);
}

}  // namespace
}  // namespace lvs::director
