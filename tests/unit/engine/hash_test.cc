#include "director/core/hash.h"

#include <gtest/gtest.h>

namespace lvs::director {
namespace {

// The vectors are those of CPython 3.11 with a key of zeros, whose bytes hash is SipHash-1-3.
TEST(SipHash13, AgreesWithAnotherImplementation) {
  EXPECT_EQ((siphash13<2>({}, {0x0706050403020100, 0x0f0e0d0c0b0a0908})), 0x8972188433a5c5b7u);
  EXPECT_EQ((siphash13<5>({}, {0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110,
                               0x1f1e1d1c1b1a1918, 0x2726252423222120})),
            0x95bc321ab41d8206u);
}

TEST(FlowHash, DependsOnEveryFieldAndOnTheKey) {
  const FlowKey<Ipv4Addr> flow{Ipv4Addr(1, 2, 3, 4), Ipv4Addr(5, 6, 7, 8), Port{9}, Port{10},
                               Protocol::Tcp};
  const std::uint64_t hash = hash_of({1, 2}, flow);
  auto other = flow;
  other.source_port = Port{10};
  EXPECT_NE(hash_of({1, 2}, other), hash);
  other = flow;
  other.protocol = Protocol::Udp;
  EXPECT_NE(hash_of({1, 2}, other), hash);
  other = flow;
  other.destination = Ipv4Addr(5, 6, 7, 9);
  EXPECT_NE(hash_of({1, 2}, other), hash);
  EXPECT_NE(hash_of({1, 3}, flow), hash);
  EXPECT_EQ(hash_of({1, 2}, flow), hash);
}

}  // namespace
}  // namespace lvs::director
