#include "director/io/hop_tracker.h"

#include <gtest/gtest.h>

#include <array>

namespace lvs::director {
namespace {

constexpr NextHopId kHop{1};
constexpr LinkIndex kEth0{2};
constexpr LinkIndex kEth1{3};
constexpr Ipv4Addr kServer(192, 168, 1, 91);
constexpr MacAddr kOwnMac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddr kServerMac{{2, 0, 0, 0, 0, 2}};
constexpr Ipv4Addr kOwnAddress(192, 168, 1, 90);
constexpr Via kDirect{kEth0, kServer, kOwnMac, 1500, true, kOwnAddress};

constexpr Tick at(std::uint32_t seconds) { return Tick{} + seconds_to_ticks(seconds); }

/// One hop with a way to it, asked for once, its first changes taken.
class OneHop : public ::testing::Test {
 protected:
  OneHop() {
    tracker_.add(kHop, kServer);
    tracker_.set_via(kHop, kDirect);
    first_asks_ = tracker_.due(at(0));
    tracker_.take_changes();
  }
  HopTracker tracker_;
  std::vector<Ask> first_asks_;
};

TEST(HopTracker, TellsEveryHopOnceAsUnresolved) {
  HopTracker tracker;
  tracker.add(kHop, kServer);
  const auto changes = tracker.take_changes();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_FALSE(changes[0].hop.resolved);
  EXPECT_TRUE(tracker.take_changes().empty());
}

TEST(HopTracker, AsksForNothingWithoutARoute) {
  HopTracker tracker;
  tracker.add(kHop, kServer);
  EXPECT_TRUE(tracker.due(at(0)).empty());
  EXPECT_EQ(tracker.describe(kHop), "no route");
}

TEST_F(OneHop, AsksForANewHopBeforeAnyFrameCame) {
  EXPECT_EQ(first_asks_, (std::vector<Ask>{{kEth0, kServer}}));
}

TEST_F(OneHop, AnAnswerResolvesIt) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  const auto changes = tracker_.take_changes();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_TRUE(changes[0].hop.resolved);
  EXPECT_EQ(changes[0].hop.link, kEth0);
  EXPECT_EQ(changes[0].hop.source, kOwnMac);
  EXPECT_EQ(changes[0].hop.destination, kServerMac);
  EXPECT_EQ(changes[0].hop.mtu, 1500);
  EXPECT_EQ(changes[0].hop.own_address, MappedAddr{IpAddr{kOwnAddress}});
}

TEST_F(OneHop, AnswersOfOthersDoNotResolveIt) {
  tracker_.set_neighbour(kEth1, kServer, Reach::Good, kServerMac);
  tracker_.set_neighbour(kEth0, Ipv4Addr(192, 168, 1, 92), Reach::Good, kServerMac);
  EXPECT_TRUE(tracker_.take_changes().empty());
}

TEST_F(OneHop, AsksAnUnknownNeighbourAtMostOnceASecond) {
  for (std::uint32_t hundredth = 1; hundredth < 100; ++hundredth) {
    tracker_.mark_used(kHop);
    EXPECT_TRUE(tracker_.due(Tick{hundredth}).empty()) << hundredth;
  }
  tracker_.mark_used(kHop);
  EXPECT_EQ(tracker_.due(at(1)).size(), 1u);
}

TEST_F(OneHop, DoesNotAskForAServerThatNobodyUses) {
  EXPECT_TRUE(tracker_.due(at(1)).empty());
  EXPECT_TRUE(tracker_.due(at(100)).empty());
}

TEST_F(OneHop, AServerInUseIsAskedForBeforeItsEntryGoesStale) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  std::vector<std::uint32_t> asked;
  for (std::uint32_t second = 1; second <= 12; ++second) {
    tracker_.mark_used(kHop);
    if (!tracker_.due(at(second)).empty()) asked.push_back(second);
  }
  // The kernel probes a used entry when it was used within the last five seconds.
  EXPECT_EQ(asked, (std::vector<std::uint32_t>{3, 6, 9, 12}));
}

TEST_F(OneHop, AStaleEntryStillForwardsAndIsAskedForWhenUsed) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Stale, kServerMac);
  EXPECT_TRUE(tracker_.take_changes().at(0).hop.resolved);
  EXPECT_TRUE(tracker_.due(at(1)).empty());
  tracker_.mark_used(kHop);
  EXPECT_EQ(tracker_.due(at(1)).size(), 1u);
}

TEST_F(OneHop, AFailedNeighbourIsNotForwardedToAndSaysWhy) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  tracker_.take_changes();
  tracker_.set_neighbour(kEth0, kServer, Reach::Failed, MacAddr{});
  EXPECT_FALSE(tracker_.take_changes().at(0).hop.resolved);
  EXPECT_EQ(tracker_.describe(kHop), "no answer to ARP for 192.168.1.91");
}

TEST_F(OneHop, AChangedMacMovesTheHop) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  tracker_.take_changes();
  constexpr MacAddr kNew{{2, 0, 0, 0, 0, 9}};
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kNew);
  EXPECT_EQ(tracker_.take_changes().at(0).hop.destination, kNew);
}

TEST_F(OneHop, ARouteChangeMovesItAndAsksAtOnce) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  tracker_.take_changes();
  constexpr Ipv4Addr kGateway(10, 0, 0, 1);
  tracker_.set_via(kHop, Via{kEth1, kGateway, kOwnMac, 1400, true, kOwnAddress});
  const auto changes = tracker_.take_changes();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_FALSE(changes[0].hop.resolved) << "the old neighbour's address is not the new one's";
  EXPECT_EQ(tracker_.due(at(0)), (std::vector<Ask>{{kEth1, kGateway}}));
}

TEST_F(OneHop, ALinkThatGoesDownUnresolvesAndOneThatComesUpResolvesAgain) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  tracker_.take_changes();
  Via down = kDirect;
  down.up = false;
  tracker_.set_via(kHop, down);
  EXPECT_FALSE(tracker_.take_changes().at(0).hop.resolved);
  EXPECT_EQ(tracker_.describe(kHop), "link down");
  tracker_.set_via(kHop, kDirect);
  EXPECT_TRUE(tracker_.take_changes().at(0).hop.resolved);
}

TEST_F(OneHop, ReadingAnewForgetsNeighboursThatAreGone) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  tracker_.take_changes();
  tracker_.forget_neighbours();
  EXPECT_FALSE(tracker_.take_changes().at(0).hop.resolved);
}

TEST_F(OneHop, ReadingAnewWithTheSameAnswerChangesNothing) {
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  tracker_.take_changes();
  tracker_.forget_neighbours();
  tracker_.set_neighbour(kEth0, kServer, Reach::Good, kServerMac);
  EXPECT_TRUE(tracker_.take_changes().empty());
}

TEST(HopTracker, ServersBehindOneGatewayAreOneQuestion) {
  HopTracker tracker;
  const Via via{kEth1, Ipv4Addr(10, 0, 0, 1), kOwnMac, 1500, true, kOwnAddress};
  for (std::uint16_t number = 1; number <= 3; ++number) {
    tracker.add({number}, Ipv4Addr(number));
    tracker.set_via({number}, via);
  }
  EXPECT_EQ(tracker.due(at(0)).size(), 1u);
  tracker.take_changes();
  tracker.set_neighbour(kEth1, via.neighbour, Reach::Good, kServerMac);
  EXPECT_EQ(tracker.take_changes().size(), 3u);
}

TEST_F(OneHop, AnotherPreferredSourceIsTold) {
  Via other = kDirect;
  other.own_address = Ipv4Addr(192, 168, 1, 89);
  tracker_.set_via(kHop, other);
  const auto changes = tracker_.take_changes();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].hop.own_address, MappedAddr{other.own_address});
}

TEST(HopTracker, FollowsIpv6Neighbours) {
  const Ipv6Addr server({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  HopTracker tracker;
  tracker.add(kHop, server);
  tracker.set_via(kHop, Via{kEth0, server, kOwnMac, 1500, true, server});
  EXPECT_EQ(tracker.due(at(0)), (std::vector<Ask>{{kEth0, server}}));
  tracker.set_neighbour(kEth0, server, Reach::Failed, MacAddr{});
  EXPECT_EQ(tracker.describe(kHop), "no answer to ND for fd00::1");
  tracker.set_neighbour(kEth0, server, Reach::Good, kServerMac);
  EXPECT_TRUE(tracker.take_changes().at(0).hop.resolved);
}

/// A stock of two next hops for ways back.
class WaysBackTest : public ::testing::Test {
 protected:
  WaysBackTest() { tracker_.add_stock(std::array{NextHopId{5}, NextHopId{6}}); }
  static Via via(std::uint8_t last) {
    return {kEth0, Ipv4Addr(192, 168, 1, last), kOwnMac, 1500, true, kOwnAddress};
  }
  HopTracker tracker_;
};

TEST_F(WaysBackTest, ClientsBehindOneRouterShareANextHopAndOthersDoNot) {
  EXPECT_EQ(tracker_.way_back(via(1)), NextHopId{5});
  EXPECT_EQ(tracker_.way_back(via(1)), NextHopId{5});
  EXPECT_EQ(tracker_.way_back(via(2)), NextHopId{6});
  EXPECT_EQ(tracker_.way_back(via(3)), std::nullopt) << "the stock is used up";
  EXPECT_EQ(tracker_.way_back(via(2)), NextHopId{6});
}

TEST_F(WaysBackTest, WaysThatDifferInTheirMtuAreTwo) {
  Via narrow = via(1);
  narrow.mtu = 1400;
  EXPECT_NE(tracker_.way_back(via(1)), tracker_.way_back(narrow));
}

TEST_F(WaysBackTest, ANewWayIsAskedForAtOnceAndTold) {
  tracker_.way_back(via(1));
  EXPECT_EQ(tracker_.due(at(0)), (std::vector<Ask>{{kEth0, via(1).neighbour}}));
  tracker_.set_neighbour(kEth0, via(1).neighbour, Reach::Good, kServerMac);
  const auto changes = tracker_.take_changes();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].id, NextHopId{5});
  EXPECT_TRUE(changes[0].hop.resolved);
}

TEST_F(WaysBackTest, ForgottenWaysComeAnewAndServersStay) {
  tracker_.add(kHop, kServer);
  tracker_.way_back(via(1));
  tracker_.way_back(via(2));
  tracker_.take_changes();
  tracker_.forget_ways_back();
  EXPECT_EQ(tracker_.servers().size(), 1u);
  ASSERT_TRUE(tracker_.way_back(via(3)));
  tracker_.set_neighbour(kEth0, via(3).neighbour, Reach::Good, kServerMac);
  const auto changes = tracker_.take_changes();
  ASSERT_EQ(changes.size(), 1u) << "the number is used again, and what is behind it is told";
  EXPECT_EQ(changes[0].hop.destination, kServerMac);
  tracker_.mark_used(kHop);
  tracker_.set_via(kHop, kDirect);
  EXPECT_FALSE(tracker_.due(at(9)).empty());
}

}  // namespace
}  // namespace lvs::director
