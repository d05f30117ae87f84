#include "net/wire/checksum.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "tests/support/packet_literal.h"

namespace lvs::wire {
namespace {

using namespace test::literals;

TEST(Checksum, IsThatOfTheExampleInRfc1071) {
  constexpr auto kExample = "00 01 f2 03 f4 f5 f6 f7"_packet;
  EXPECT_EQ(sum_of(kExample), 0xddf2);
  EXPECT_EQ(checksum_of(kExample), 0x220d);
}

TEST(Checksum, CountsAnOddLastByteAsTheHighHalfOfAWord) {
  constexpr auto kOdd = "12 34 56"_packet;
  EXPECT_EQ(sum_of(kOdd), 0x1234 + 0x5600);
}

TEST(Checksum, OfNothingIsAllOnes) { EXPECT_EQ(checksum_of({}), 0xffff); }

TEST(Checksum, AddsTheCarryOfACarryToo) { EXPECT_EQ(fold(0x1ffff), 1); }

TEST(Adjust, GivesZeroWhereRfc1141WouldGiveAllOnes) {
  // The numerical example of RFC 1624, section 4.
  EXPECT_EQ(adjust16(0xdd2f, 0x5555, 0x3285), 0x0000);
}

/// Two words and their checksum: one word takes every value.
std::uint16_t recomputed(std::uint16_t changed, std::uint16_t constant) {
  return static_cast<std::uint16_t>(~fold(std::uint64_t{changed} + constant));
}

TEST(Adjust, AgreesWithRecomputingForEverySixteenBitValue) {
  constexpr std::array<std::uint16_t, 4> kConstants{0x0001, 0x4006, 0x8000, 0xfffe};
  constexpr std::array<std::uint16_t, 6> kBefore{0x0000, 0x0001, 0x7fff, 0x8000, 0xfffe, 0xffff};
  // A constant word that is not zero: a sum over zeros alone has two forms of zero.
  for (const std::uint16_t constant : kConstants) {
    for (const std::uint16_t before : kBefore) {
      const std::uint16_t checksum = recomputed(before, constant);
      for (std::uint32_t after = 0; after <= 0xffff; ++after) {
        const auto word = static_cast<std::uint16_t>(after);
        ASSERT_EQ(adjust16(checksum, before, word), recomputed(word, constant))
            << std::hex << before << " to " << after << " beside " << constant;
      }
    }
  }
}

TEST(Adjust, UndoesItselfForEverySixteenBitChecksum) {
  // 0xffff stands for a sum over nothing but zeros, which no header that we change is.
  for (std::uint32_t checksum = 0; checksum < 0xffff; ++checksum) {
    const auto start = static_cast<std::uint16_t>(checksum);
    ASSERT_EQ(adjust16(adjust16(start, 0x4006, 0x3f06), 0x3f06, 0x4006), start);
  }
}

TEST(Adjust, TakesBothHalvesOfALongField) {
  const std::uint64_t before = std::uint64_t{0xc0a8} + 0x0163 + 0x1234;
  const std::uint64_t after = std::uint64_t{0x0a00} + 0x0005 + 0x1234;
  EXPECT_EQ(adjust32(static_cast<std::uint16_t>(~fold(before)), 0xc0a80163, 0x0a000005),
            static_cast<std::uint16_t>(~fold(after)));
}

}  // namespace
}  // namespace lvs::wire
