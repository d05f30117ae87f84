#include "director/core/connection_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <tuple>
#include <vector>

// The connection table against an oracle that is slow and obvious: a map by client key.

namespace lvs::director {
namespace {

using Table = ConnectionTable<Ipv4Addr>;
using Record = Connection<Ipv4Addr>;
constexpr std::uint32_t kCapacity = 48;

Record flow(std::uint32_t number, Tick expires_at) {
  return {.client = Ipv4Addr{0xcb007100u + number / 7},
          .vip = Ipv4Addr(10, 0, 0, 1),
          .server_address = Ipv4Addr(192, 168, 10, 11),
          .server = {number + 1},
          .expires_at = expires_at,
          .client_port = Port{static_cast<std::uint16_t>(number % 7)},
          .vip_port = Port{80},
          .server_port = Port{80},
          .protocol = Protocol::Tcp,
          .method = number % 2 == 0 ? ForwardMethod::Route : ForwardMethod::Masq};
}

/// A table and its oracle, which do the same and are compared.
class Pair {
 public:
  explicit Pair(std::uint64_t seed)
      : memory_(Table::bytes_for(kCapacity)), table_(memory_, kCapacity, {seed, ~seed}) {}

  void insert(std::uint32_t number, Tick now, Tick expires_at) {
    const Record wanted = flow(number, expires_at);
    while (Record* const holder = table_.expired_holder(wanted, now)) {
      ASSERT_EQ(oracle_.erase(holder->server.number - 1), 1u);
      table_.erase(*holder);
    }
    const bool room = oracle_.size() < kCapacity && !oracle_.contains(number);
    ASSERT_EQ(table_.insert(wanted, now) != nullptr, room);
    if (room) oracle_[number] = expires_at;
  }
  void rearm(std::uint32_t number, Tick now, Tick expires_at) {
    const auto hit = table_.find(flow(number, {}).client_key(), now);
    if (!hit) return;
    table_.rearm(*hit->connection, expires_at);
    oracle_[number] = expires_at;
  }
  void erase(std::uint32_t number, Tick now) {
    const auto hit = table_.find(flow(number, {}).client_key(), now);
    if (!hit) return;
    table_.erase(*hit->connection);
    oracle_.erase(number);
  }
  void expire(Tick now, std::size_t limit) {
    const bool all = limit >= 4 * kCapacity;
    while (Record* const ended = table_.next_expired(now, limit)) {
      const auto known = oracle_.find(ended->server.number - 1);
      ASSERT_TRUE(known != oracle_.end() && known->second <= now) << "ended too early";
      oracle_.erase(known);
      table_.erase(*ended);
    }
    if (!all) return;
    for (const auto& [number, expires_at] : oracle_)
      ASSERT_TRUE(now < expires_at) << "not ended: " << number;
  }
  void compare(std::uint32_t numbers, Tick now) {
    ASSERT_EQ(table_.size(), oracle_.size());
    for (std::uint32_t number = 0; number < numbers; ++number) {
      const auto known = oracle_.find(number);
      const bool alive = known != oracle_.end() && now < known->second;
      const Record expected = flow(number, {});
      ASSERT_EQ(table_.find(expected.client_key(), now).has_value(), alive) << number;
      const auto back = table_.find(expected.server_key(), now);
      ASSERT_EQ(back.has_value(), alive) << number;
      if (!alive) continue;
      ASSERT_EQ(back->connection->server.number, number + 1);
    }
  }

 private:
  std::vector<std::byte> memory_;
  Table table_;
  std::map<std::uint32_t, Tick> oracle_;
};

TEST(ConnectionTableProperty, AgreesWithAMapOverRandomOperations) {
  constexpr std::uint32_t kNumbers = 80;  // more than fit, so that the table is often full
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u}) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t bound) {
      return static_cast<std::uint32_t>(random() % bound);
    };
    Pair pair(seed);
    Tick now{0xffffe000 + seed * 1000};  // the clock wraps on the way
    for (int step = 0; step < 20000; ++step) {
      now = now + Ticks{below(8) == 0 ? below(3000) : below(4)};
      const std::uint32_t number = below(kNumbers);
      const Tick expires_at = now + Ticks{1 + (below(6) == 0 ? below(40000) : below(400))};
      switch (below(6)) {
        case 0:
        case 1:
          pair.insert(number, now, expires_at);
          break;
        case 2:
        case 3:
          pair.rearm(number, now, expires_at);
          break;
        case 4:
          pair.erase(number, now);
          break;
        default:
          pair.expire(now, below(2) == 0 ? 4 * kCapacity : below(5));
          break;
      }
      if (step % 16 == 0) pair.compare(kNumbers, now);
      if (testing::Test::HasFatalFailure()) {
        FAIL() << "seed " << seed << ", step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace lvs::director
