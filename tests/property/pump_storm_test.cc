#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/storm/storm.h"

// LVSKIT_STORM_FRAMES says how many frames.

namespace lvs::director {
namespace {

std::uint64_t storm_frames() {
  const char* const wanted = std::getenv("LVSKIT_STORM_FRAMES");
  return wanted == nullptr ? 200000 : std::strtoull(wanted, nullptr, 10);
}

void add(VerdictCounters& all, const VerdictCounters& some) {
  all.received += some.received;
  all.forwarded += some.forwarded;
  all.local += some.local;
  all.kernel += some.kernel;
  all.answered += some.answered;
  for (std::size_t i = 0; i < kDropReasons; ++i) all.dropped[i] += some.dropped[i];
}

/// A storm that reaches nothing proves nothing.
void expect_all_was_reached(const VerdictCounters& counters) {
  EXPECT_GT(counters.forwarded, 0u);
  EXPECT_GT(counters.local, 0u);
  EXPECT_GT(counters.kernel, 0u);
  EXPECT_GT(counters.answered, 0u);
  for (std::size_t i = 1; i < kDropReasons; ++i)
    EXPECT_GT(counters.dropped[i], 0u) << name(static_cast<DropReason>(i));
}

std::string text_of(const VerdictCounters& counters) {
  std::string text = "received " + std::to_string(counters.received) + " = forward " +
                     std::to_string(counters.forwarded) + " + local " +
                     std::to_string(counters.local) + " + kernel " +
                     std::to_string(counters.kernel) + " + answer " +
                     std::to_string(counters.answered);
  for (std::size_t i = 1; i < kDropReasons; ++i)
    text += " + " + std::string(name(static_cast<DropReason>(i))) + " " +
            std::to_string(counters.dropped[i]);
  return text;
}

TEST(PumpStorm, LosesNoFrameAndSendsOnlyRightSums) {
  constexpr std::uint32_t seeds = 20;
  const std::uint64_t frames = storm_frames();
  VerdictCounters all;
  std::size_t whole_packets = 0;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    test::DrawnChoices choices(seed);
    test::Storm storm(choices, seed);
    while (storm.arrived() < frames / seeds)
      ASSERT_EQ(storm.blow(), "") << "seed " << seed << ", frame " << storm.arrived();
    ASSERT_EQ(storm.calm_down(), "") << "seed " << seed;
    add(all, storm.counters());
    whole_packets += storm.whole_packets();
  }
  EXPECT_TRUE(all.conserved());
  expect_all_was_reached(all);
  EXPECT_GT(whole_packets, frames / 10);
  std::cout << text_of(all) << "\npackets whose every sum was checked: " << whole_packets << '\n';
}

}  // namespace
}  // namespace lvs::director
