#include "director/io/waiting_frames.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "director/core/wait_key.h"

namespace lvs::director {
namespace {

constexpr Verdict wait(std::uint64_t key, DropReason reason = DropReason::NoNeighbour) {
  return {.action = Action::Wait, .reason = reason, .waits_for = {key}};
}

/// A frame of `size` bytes that all are `letter`.
struct Arrived {
  explicit Arrived(std::uint8_t letter, std::size_t size = 1) : memory(size, letter) {
    frame.frame.bytes = memory;
    frame.offload.segment_size = letter;
  }
  std::vector<std::uint8_t> memory;
  CarrierFrame frame{};
};

bool keep(WaitingFrames& waiting, const Verdict& verdict, Tick now = {}, std::size_t size = 1) {
  return waiting.keep(verdict, Arrived('a', size).frame, now);
}

TEST(WaitingFrames, KeepsCopiesInTheOrderOfArrival) {
  WaitingFrames waiting;
  Arrived one('a');
  ASSERT_TRUE(waiting.keep(wait(1), one.frame, Tick{}));
  one.memory[0] = 'b';  // ring memory is used again
  one.frame.offload.segment_size = 'b';
  ASSERT_TRUE(waiting.keep(wait(1), one.frame, Tick{}));
  const auto frames = waiting.take(WaitKey{1});
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].about.frame.bytes[0], 'a');
  EXPECT_EQ(frames[0].about.offload.segment_size, 'a');
  EXPECT_EQ(frames[1].about.frame.bytes[0], 'b');
  EXPECT_EQ(waiting.size(), 0u);
}

TEST(WaitingFrames, GivesCopiesTheHeadroomThatACarrierGives) {
  WaitingFrames waiting;
  ASSERT_TRUE(keep(waiting, wait(1), {}, 100));
  auto frames = waiting.take(WaitKey{1});
  const Frame& frame = frames.at(0).about.frame;
  EXPECT_EQ(frame.headroom, kHeadroom);
  EXPECT_EQ(frame.bytes.data() - frames[0].memory.data(),
            static_cast<std::ptrdiff_t>(kHeadroom + sizeof(linux_net::VirtioHeader)));
  EXPECT_EQ(frame.bytes.size(), 100u);
}

TEST(WaitingFrames, LeavesRoomBesideFragmentsOfWhichNoFirstComes) {
  WaitingFrames waiting;
  std::uint64_t key = 0;
  while (keep(waiting, wait(++key, DropReason::Fragment))) {
  }
  EXPECT_EQ(waiting.size(), WaitingFrames::kFragments);
  EXPECT_TRUE(keep(waiting, wait(++key, DropReason::NoNeighbour)));
  EXPECT_FALSE(keep(waiting, wait(++key, DropReason::Fragment)));
  waiting.take(WaitKey{1});
  EXPECT_TRUE(keep(waiting, wait(++key, DropReason::Fragment))) << "what went gives its room back";
}

TEST(WaitingFrames, KeepsThreeForEachHop) {
  WaitingFrames waiting;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(keep(waiting, wait(1)));
  EXPECT_FALSE(keep(waiting, wait(1)));
  EXPECT_TRUE(keep(waiting, wait(2)));
}

TEST(WaitingFrames, KeepsAllFragmentsOfALongDatagram) {
  WaitingFrames waiting;
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(keep(waiting, wait(1, DropReason::Fragment))) << i;
  EXPECT_FALSE(keep(waiting, wait(1, DropReason::Fragment)));
}

TEST(WaitingFrames, IsBoundedInAll) {
  WaitingFrames waiting;
  for (std::uint64_t key = 1; key <= WaitingFrames::kFrames; ++key)
    ASSERT_TRUE(keep(waiting, wait(key)));
  EXPECT_FALSE(keep(waiting, wait(WaitingFrames::kFrames + 1)));
}

TEST(WaitingFrames, IsBoundedInBytesAndHasRoomAgainWhenSomeAreTaken) {
  WaitingFrames waiting;
  constexpr std::size_t size = 65000;
  std::uint64_t key = 1;
  while (keep(waiting, wait(key), {}, size)) ++key;
  EXPECT_LE(waiting.size() * size, WaitingFrames::kBytes);
  EXPECT_GT((waiting.size() + 2) * size, WaitingFrames::kBytes);
  EXPECT_EQ(waiting.take(WaitKey{1}).size(), 1u);
  EXPECT_TRUE(keep(waiting, wait(1), {}, size));
}

TEST(WaitingFrames, TakesOnlyTheFramesOfOneKey) {
  WaitingFrames waiting;
  EXPECT_TRUE(keep(waiting, wait(1)));
  EXPECT_TRUE(keep(waiting, wait(2)));
  EXPECT_EQ(waiting.take(WaitKey{2}).size(), 1u);
  EXPECT_TRUE(waiting.waits_for(WaitKey{1}));
  EXPECT_FALSE(waiting.waits_for(WaitKey{2}));
}

TEST(WaitingFrames, TakesOnlyTheFramesOfOneReason) {
  WaitingFrames waiting;
  EXPECT_TRUE(keep(waiting, wait(1)));
  EXPECT_TRUE(keep(waiting, wait(2, DropReason::NoRoute)));
  const auto frames = waiting.take(DropReason::NoRoute);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].key, WaitKey{2});
  EXPECT_EQ(waiting.size(), 1u);
}

TEST(WaitingFrames, ExpiresWhatIsOverAndNoMore) {
  WaitingFrames waiting;
  EXPECT_TRUE(keep(waiting, wait(1), Tick{0}));
  EXPECT_TRUE(keep(waiting, wait(1), Tick{100}));
  EXPECT_TRUE(waiting.take_expired(Tick{299}).empty());
  EXPECT_EQ(waiting.take_expired(Tick{300}).size(), 1u);
  EXPECT_EQ(waiting.size(), 1u);
  EXPECT_TRUE(waiting.waits_for(WaitKey{1}));
}

TEST(WaitingFrames, ExpiresAcrossTheWrapOfTheClock) {
  WaitingFrames waiting;
  EXPECT_TRUE(keep(waiting, wait(1), Tick{0xffffff00}));
  EXPECT_TRUE(waiting.take_expired(Tick{0xffffffff}).empty());
  EXPECT_EQ(waiting.take_expired(Tick{300}).size(), 1u);
}

}  // namespace
}  // namespace lvs::director
