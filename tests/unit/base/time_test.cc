#include "net/base/time.h"

#include <gtest/gtest.h>

#include "net/base/result.h"

namespace lvs {
namespace {

TEST(Tick, OrdersAcrossTheWrapOfItsNumber) {
  const Tick before{0xfffffff0};
  const Tick after = before + Ticks{0x20};
  EXPECT_EQ(after.number, 0x10u);
  EXPECT_TRUE(before < after);
  EXPECT_TRUE(after >= before);
  EXPECT_EQ((after - before).number, 0x20u);
}

TEST(Tick, HasRoomForTheLongestTimeout) {
  const Tick now{0x80000000};
  EXPECT_TRUE(now < now + seconds_to_ticks(2678400));
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail("odd");
  return number / 2;
}

Result<int> quarter(int number) {
  LVS_TRY(const int halved, half(number));
  LVS_CHECK(half(halved));
  return halved / 2;
}

TEST(Result, IsPassedUpByTheMacros) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().what, "odd") << "from LVS_CHECK";
  EXPECT_EQ(quarter(7).error().what, "odd") << "from LVS_TRY";
}

TEST(Result, TellsWhatTheCallerWasDoing) {
  const Result<int> failed = fail_within("quarter of 7", Error{"odd", 5});
  EXPECT_EQ(failed.error().what, "quarter of 7: odd");
  EXPECT_EQ(failed.error().sys_errno, 5);
}

}  // namespace
}  // namespace lvs
