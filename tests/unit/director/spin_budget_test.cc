#include "director/io/spin_budget.h"

#include <gtest/gtest.h>

namespace lvs::director {
namespace {

using std::chrono::nanoseconds;

TEST(SpinBudget, HalvesAfterEachLookThatFoundNothingDownToAShare) {
  SpinBudget spin(nanoseconds(16000));
  spin.missed();
  EXPECT_EQ(spin.length(), nanoseconds(8000));
  for (int i = 0; i < 100; ++i) spin.missed();
  EXPECT_EQ(spin.length(), nanoseconds(1000));
}

TEST(SpinBudget, GrowsBackToItsLongestWhenLookingPays) {
  SpinBudget spin(nanoseconds(16000));
  for (int i = 0; i < 10; ++i) spin.missed();
  for (int i = 0; i < 10; ++i) spin.found();
  EXPECT_EQ(spin.length(), nanoseconds(16000));
}

TEST(SpinBudget, ZeroNeverLooks) {
  SpinBudget spin(nanoseconds(0));
  spin.found();
  spin.missed();
  EXPECT_EQ(spin.length(), nanoseconds(0));
}

}  // namespace
}  // namespace lvs::director
