#include "director/core/connection_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace lvs::director {
namespace {

using Table = ConnectionTable<Ipv4Addr>;
constexpr Tick kNow{500};

struct Fixture {
  explicit Fixture(std::uint32_t capacity)
      : memory(Table::bytes_for(capacity)), table(memory, capacity, {1, 2}) {}
  std::vector<std::byte> memory;
  Table table;
};

Connection<Ipv4Addr> flow(std::uint16_t client_port, Tick expires_at = kNow + Ticks{1000},
                          ForwardMethod method = ForwardMethod::Route) {
  return {.client = Ipv4Addr(203, 0, 113, 5),
          .vip = Ipv4Addr(10, 0, 0, 1),
          .server_address = Ipv4Addr(192, 168, 10, 11),
          .server = {7},
          .expires_at = expires_at,
          .client_port = Port{client_port},
          .vip_port = Port{80},
          .server_port = Port{8080},
          .protocol = Protocol::Tcp,
          .method = method};
}

/// Everything that ends at `now`, by client port.
std::vector<std::uint16_t> expire(Table& table, Tick now) {
  std::vector<std::uint16_t> ended;
  std::size_t limit = 100000;
  while (Connection<Ipv4Addr>* const connection = table.next_expired(now, limit)) {
    ended.push_back(connection->client_port.number);
    table.erase(*connection);
  }
  return ended;
}

TEST(ConnectionTable, FindsAFlowByEitherKey) {
  Fixture f(8);
  ASSERT_TRUE(f.table.insert(flow(1, kNow + Ticks{10}, ForwardMethod::Masq), kNow));
  const auto from_client = f.table.find(flow(1).client_key(), kNow);
  ASSERT_TRUE(from_client);
  EXPECT_EQ(from_client->direction, Direction::ToServer);
  const FlowKey<Ipv4Addr> back{Ipv4Addr(192, 168, 10, 11), Ipv4Addr(203, 0, 113, 5), Port{8080},
                               Port{1}, Protocol::Tcp};
  const auto from_server = f.table.find(back, kNow);
  ASSERT_TRUE(from_server);
  EXPECT_EQ(from_server->direction, Direction::ToClient);
  EXPECT_EQ(from_server->connection, from_client->connection);
}

// Facts of IPVS, 2.13: only with Masq do the server's packets pass here.
TEST(ConnectionTable, KnowsTheServersOfMasqAlone) {
  for (const auto method :
       {ForwardMethod::Masq, ForwardMethod::Route, ForwardMethod::Tunnel, ForwardMethod::Local}) {
    Fixture f(8);
    const auto* const added = f.table.insert(flow(1, kNow + Ticks{10}, method), kNow);
    ASSERT_TRUE(added);
    EXPECT_EQ(f.table.find_from_server(added->server_key(), kNow) != nullptr,
              method == ForwardMethod::Masq);
  }
}

TEST(ConnectionTable, TellsFlowsApartByEachPartOfTheKey) {
  Fixture f(8);
  ASSERT_TRUE(f.table.insert(flow(1), kNow));
  for (auto other = flow(1).client_key(); const int part : {0, 1, 2, 3, 4}) {
    other = flow(1).client_key();
    if (part == 0) other.source = Ipv4Addr(203, 0, 113, 6);
    if (part == 1) other.destination = Ipv4Addr(10, 0, 0, 2);
    if (part == 2) other.source_port = Port{2};
    if (part == 3) other.destination_port = Port{81};
    if (part == 4) other.protocol = Protocol::Udp;
    EXPECT_FALSE(f.table.find(other, kNow)) << part;
  }
}

TEST(ConnectionTable, RefusesNewFlowsWhenFull) {
  Fixture f(2);
  EXPECT_TRUE(f.table.insert(flow(1), kNow));
  EXPECT_TRUE(f.table.insert(flow(2), kNow));
  EXPECT_TRUE(f.table.is_full());
  EXPECT_FALSE(f.table.insert(flow(3), kNow));
  EXPECT_EQ(f.table.size(), 2u);
  f.table.erase(*f.table.find(flow(1).client_key(), kNow)->connection);
  EXPECT_TRUE(f.table.insert(flow(3), kNow));
  EXPECT_TRUE(f.table.find(flow(2).client_key(), kNow));
}

TEST(ConnectionTable, RefusesATakenKey) {
  Fixture f(8);
  EXPECT_TRUE(f.table.insert(flow(1, kNow + Ticks{10}, ForwardMethod::Masq), kNow));
  EXPECT_FALSE(f.table.insert(flow(1), kNow));
  EXPECT_EQ(f.table.size(), 1u);
}

// Asked of real IPVS (6.1): one client port toward two VIPs of one server's port.
TEST(ConnectionTable, FindsTheNewestByAServersKeyThatTwoHave) {
  Fixture f(8);
  const auto* const first = f.table.insert(flow(1, kNow + Ticks{20}, ForwardMethod::Masq), kNow);
  auto other_vip = flow(1, kNow + Ticks{10}, ForwardMethod::Masq);
  other_vip.vip = Ipv4Addr(10, 0, 0, 2);
  auto* const second = f.table.insert(other_vip, kNow);
  ASSERT_TRUE(first != nullptr && second != nullptr);
  const auto key = first->server_key();
  EXPECT_EQ(f.table.find_from_server(key, kNow), second);
  EXPECT_EQ(f.table.find_from_server(key, kNow + Ticks{10}), first) << "the newest is over";
  f.table.erase(*second);
  EXPECT_EQ(f.table.find_from_server(key, kNow), first);
}

TEST(ConnectionTable, TreatsAnExpiredFlowAsAbsentAndNamesItAsInTheWay) {
  Fixture f(8);
  ASSERT_TRUE(f.table.insert(flow(1, kNow + Ticks{10}), kNow));
  EXPECT_TRUE(f.table.find(flow(1).client_key(), kNow + Ticks{9}));
  EXPECT_FALSE(f.table.find(flow(1).client_key(), kNow + Ticks{10}));
  EXPECT_FALSE(f.table.expired_holder(flow(1), kNow + Ticks{9}));
  auto* const holder = f.table.expired_holder(flow(1), kNow + Ticks{10});
  ASSERT_TRUE(holder);
  f.table.erase(*holder);
  EXPECT_TRUE(f.table.insert(flow(1), kNow + Ticks{10}));
}

TEST(ConnectionTable, EndsFlowsWhenTheirTimeIsOverAndNotBefore) {
  Fixture f(8);
  f.table.insert(flow(1, kNow + Ticks{10}), kNow);
  f.table.insert(flow(2, kNow + Ticks{20}), kNow);
  EXPECT_TRUE(expire(f.table, kNow + Ticks{9}).empty());
  EXPECT_EQ(expire(f.table, kNow + Ticks{10}), std::vector<std::uint16_t>{1});
  EXPECT_EQ(expire(f.table, kNow + Ticks{25}), std::vector<std::uint16_t>{2});
  EXPECT_EQ(f.table.size(), 0u);
}

TEST(ConnectionTable, KeepsAFlowWhoseExpiryWasPutOff) {
  Fixture f(8);
  auto* const connection = f.table.insert(flow(1, kNow + Ticks{10}), kNow);
  f.table.rearm(*connection, kNow + Ticks{5000});
  EXPECT_TRUE(expire(f.table, kNow + Ticks{4999}).empty());
  EXPECT_EQ(expire(f.table, kNow + Ticks{5000}).size(), 1u);
}

TEST(ConnectionTable, EndsAFlowSoonerWhenItsExpiryGetsEarlier) {
  Fixture f(8);
  auto* const connection = f.table.insert(flow(1, kNow + Ticks{90000}), kNow);
  f.table.rearm(*connection, kNow + Ticks{3});
  EXPECT_EQ(expire(f.table, kNow + Ticks{3}).size(), 1u);
}

TEST(ConnectionTable, HoldsTimeoutsThatAreManyTurnsOfTheWheelLong) {
  Fixture f(8);
  const Tick end = kNow + seconds_to_ticks(2678400);
  f.table.insert(flow(1, end), kNow);
  for (Tick now = kNow; now < end; now = now + seconds_to_ticks(86400))
    ASSERT_TRUE(expire(f.table, now).empty());
  EXPECT_EQ(expire(f.table, end).size(), 1u);
}

TEST(ConnectionTable, EndsFlowsAfterALongSilenceAndAcrossTheWrapOfTheClock) {
  Fixture f(8);
  const Tick late{0xffffff00};
  f.table.insert(flow(1, late + Ticks{0x200}), late);
  f.table.insert(flow(2, late + seconds_to_ticks(3600)), late);
  EXPECT_EQ(expire(f.table, late + seconds_to_ticks(1800)), std::vector<std::uint16_t>{1});
  EXPECT_EQ(expire(f.table, late + seconds_to_ticks(3600)), std::vector<std::uint16_t>{2});
}

TEST(ConnectionTable, LooksAtNoMoreFlowsInACallThanItMay) {
  Fixture f(64);
  for (std::uint16_t port = 1; port <= 50; ++port)
    f.table.insert(flow(port, kNow + Ticks{1}), kNow);
  std::size_t ended = 0;
  std::size_t limit = 20;
  while (auto* const connection = f.table.next_expired(kNow + Ticks{1}, limit)) {
    f.table.erase(*connection);
    ++ended;
  }
  EXPECT_EQ(ended, 20u);
  EXPECT_EQ(limit, 0u);
  EXPECT_EQ(expire(f.table, kNow + Ticks{1}).size(), 30u);
}

TEST(ConnectionTable, IsFoundAgainByASuccessorOverTheSameMemory) {
  Fixture f(8);
  f.table.insert(flow(1), kNow);
  Table successor(f.memory, 8, {1, 2});
  EXPECT_EQ(successor.size(), 1u);
  EXPECT_TRUE(successor.find(flow(1).client_key(), kNow));
}

TEST(ConnectionTable, HoldsIpv6Flows) {
  using Table6 = ConnectionTable<Ipv6Addr>;
  std::vector<std::byte> memory(Table6::bytes_for(4));
  Table6 table(memory, 4, {});
  Connection<Ipv6Addr> connection{.client = Ipv6Addr{{1}},
                                  .vip = Ipv6Addr{{2}},
                                  .server_address = Ipv6Addr{{3}},
                                  .server = {1},
                                  .expires_at = kNow + Ticks{5},
                                  .protocol = Protocol::Udp,
                                  .method = ForwardMethod::Masq};
  ASSERT_TRUE(table.insert(connection, kNow));
  EXPECT_TRUE(table.find_from_client(connection.client_key(), kNow));
  EXPECT_TRUE(table.find_from_server(connection.server_key(), kNow));
}

TEST(ConnectionTable, StaysWithinTheBytesOfTheDesignForEachConnection) {
  constexpr std::uint32_t kMany = 1048576;
  constexpr std::size_t kFixed = Table::bytes_for(1) - 64;
  EXPECT_EQ(Table::bytes_for(kMany), kFixed + std::size_t{64} * kMany);
  EXPECT_LT(kFixed, 64u * 1024);
  const std::size_t bytes6 = ConnectionTable<Ipv6Addr>::bytes_for(kMany) - kFixed;
  EXPECT_LE(bytes6, std::size_t{128} * kMany);
  EXPECT_EQ(Table::bytes_for(8 * kMany), kFixed + std::size_t{64} * 8 * kMany);
}

TEST(ConnectionTable, NamesEachRecordByAPositionThatItKeeps) {
  Fixture f(4);
  auto* const first = f.table.insert(flow(1), kNow);
  auto* const second = f.table.insert(flow(2), kNow);
  ASSERT_TRUE(first && second);
  const std::uint32_t position = f.table.position_of(*second);
  EXPECT_NE(f.table.position_of(*first), position);
  f.table.erase(*first);
  EXPECT_EQ(f.table.at(position), second);
  EXPECT_EQ(f.table.at(1), nullptr) << "free";
  EXPECT_EQ(f.table.at(0), nullptr);
  EXPECT_EQ(f.table.at(3), nullptr) << "never in use";
  EXPECT_EQ(f.table.at(4000), nullptr);
}

TEST(ConnectionTable, FindsAFlowWhoseBucketWasLoadedBefore) {
  Fixture f(8);
  ASSERT_TRUE(f.table.insert(flow(1), kNow));
  const auto key = flow(1).client_key();
  const Table::Place place = f.table.prefetch(key);
  f.table.prefetch_record(place);
  EXPECT_EQ(f.table.find_from_client(key, kNow, place), f.table.find_from_client(key, kNow));
  EXPECT_TRUE(f.table.find_from_client(key, kNow, place));
}

}  // namespace
}  // namespace lvs::director
