#include "director/io/waiting_frames.h"

#include <gtest/gtest.h>

#include <array>

namespace lvs::director {
namespace {

constexpr NextHopId kOne{1}, kTwo{2};
constexpr std::array<std::uint8_t, 1> kA{'a'}, kB{'b'};

TEST(WaitingFrames, KeepsCopiesInTheOrderOfArrival) {
  WaitingFrames waiting;
  std::array<std::uint8_t, 1> memory{'a'};
  ASSERT_TRUE(waiting.keep(kOne, memory, Tick{}));
  memory[0] = 'b';  // ring memory is used again
  ASSERT_TRUE(waiting.keep(kOne, memory, Tick{}));
  const auto frames = waiting.take(kOne);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].with_header[0], 'a');
  EXPECT_EQ(frames[1].with_header[0], 'b');
  EXPECT_EQ(waiting.size(), 0u);
}

TEST(WaitingFrames, KeepsThreeForEachHop) {
  WaitingFrames waiting;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(waiting.keep(kOne, kA, Tick{}));
  EXPECT_FALSE(waiting.keep(kOne, kA, Tick{}));
  EXPECT_TRUE(waiting.keep(kTwo, kB, Tick{}));
}

TEST(WaitingFrames, IsBoundedInAll) {
  WaitingFrames waiting;
  for (std::uint16_t hop = 1; hop <= WaitingFrames::kFrames; ++hop)
    ASSERT_TRUE(waiting.keep({hop}, kA, Tick{}));
  EXPECT_FALSE(waiting.keep({WaitingFrames::kFrames + 1}, kA, Tick{}));
}

TEST(WaitingFrames, TakesOnlyTheFramesOfOneHop) {
  WaitingFrames waiting;
  EXPECT_TRUE(waiting.keep(kOne, kA, Tick{}));
  EXPECT_TRUE(waiting.keep(kTwo, kB, Tick{}));
  EXPECT_EQ(waiting.take(kTwo).size(), 1u);
  EXPECT_TRUE(waiting.waits_for(kOne));
  EXPECT_FALSE(waiting.waits_for(kTwo));
}

TEST(WaitingFrames, ExpiresWhatIsOverAndNoMore) {
  WaitingFrames waiting;
  EXPECT_TRUE(waiting.keep(kOne, kA, Tick{0}));
  EXPECT_TRUE(waiting.keep(kOne, kB, Tick{100}));
  EXPECT_TRUE(waiting.take_expired(Tick{299}).empty());
  EXPECT_EQ(waiting.take_expired(Tick{300}).size(), 1u);
  EXPECT_EQ(waiting.size(), 1u);
}

TEST(WaitingFrames, ExpiresAcrossTheWrapOfTheClock) {
  WaitingFrames waiting;
  EXPECT_TRUE(waiting.keep(kOne, kA, Tick{0xffffff00}));
  EXPECT_TRUE(waiting.take_expired(Tick{0xffffffff}).empty());
  EXPECT_EQ(waiting.take_expired(Tick{300}).size(), 1u);
}

}  // namespace
}  // namespace lvs::director
