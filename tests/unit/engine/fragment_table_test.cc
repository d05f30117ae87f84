#include "director/core/fragment_table.h"

#include <gtest/gtest.h>

namespace lvs::director {
namespace {

constexpr Tick kNow{5000};
constexpr HashKey kKey{1, 2};

using Table = FragmentTable<Ipv4Addr>;
using Key = FragmentKey<Ipv4Addr>;
using Fate = FragmentFate<Ipv4Addr>;

Key packet(std::uint32_t id) {
  return {Ipv4Addr(203, 0, 113, 5), Ipv4Addr(10, 0, 0, 1), id, Protocol::Udp};
}
Fate to_server(std::uint32_t number) {
  return {.passage = {.method = ForwardMethod::Masq,
                      .server = {number},
                      .address = Ipv4Addr(192, 168, 10, 11)}};
}

TEST(FragmentTable, TellsLaterFragmentsTheFateOfTheFirst) {
  Table table(kKey);
  EXPECT_FALSE(table.find(packet(1), kNow));
  table.remember(packet(1), to_server(7), kNow);
  const Fate* const fate = table.find(packet(1), kNow);
  ASSERT_TRUE(fate);
  EXPECT_EQ(fate->action, Action::Forward);
  EXPECT_EQ(fate->passage.server, ServerId{7});
  EXPECT_EQ(fate->passage.address, Ipv4Addr(192, 168, 10, 11));
}

TEST(FragmentTable, TellsPacketsApartByEachPartOfTheKey) {
  Table table(kKey);
  table.remember(packet(1), to_server(7), kNow);
  Key other = packet(2);
  EXPECT_FALSE(table.find(other, kNow));
  other = packet(1);
  other.protocol = Protocol::Tcp;
  EXPECT_FALSE(table.find(other, kNow));
  other = packet(1);
  other.source = Ipv4Addr(203, 0, 113, 6);
  EXPECT_FALSE(table.find(other, kNow));
  other = packet(1);
  other.destination = Ipv4Addr(10, 0, 0, 2);
  EXPECT_FALSE(table.find(other, kNow));
}

TEST(FragmentTable, ForgetsAfterHalfAMinuteAndTakesTheNewestOfAnId) {
  Table table(kKey);
  table.remember(packet(1), to_server(7), kNow);
  EXPECT_TRUE(table.find(packet(1), kNow + Ticks{2999}));
  EXPECT_FALSE(table.find(packet(1), kNow + Ticks{3000}));
  table.remember(packet(1), {.action = Action::Drop, .reason = DropReason::NoServer}, kNow);
  EXPECT_EQ(table.find(packet(1), kNow)->reason, DropReason::NoServer);
}

TEST(FragmentTable, GivesTheOldestUpWhenItIsFull) {
  Table table(kKey, 1);  // one set of four
  for (std::uint32_t id = 0; id < 4; ++id)
    table.remember(packet(id), to_server(id), kNow + Ticks{id == 2 ? 0 : 10 + id});
  table.remember(packet(9), to_server(9), kNow + Ticks{20});
  EXPECT_TRUE(table.find(packet(9), kNow + Ticks{20}));
  EXPECT_FALSE(table.find(packet(2), kNow + Ticks{20}));
  EXPECT_TRUE(table.find(packet(0), kNow + Ticks{20}));
}

TEST(FragmentTable, HoldsIpv6Ids) {
  FragmentTable<Ipv6Addr> table(kKey);
  const FragmentKey<Ipv6Addr> key{Ipv6Addr{{1}}, Ipv6Addr{{2}}, 0x12345678, Protocol::Udp};
  table.remember(key, {}, kNow);
  EXPECT_TRUE(table.find(key, kNow));
  FragmentKey<Ipv6Addr> other = key;
  other.id = 0x02345678;
  EXPECT_FALSE(table.find(other, kNow));
}

}  // namespace
}  // namespace lvs::director
