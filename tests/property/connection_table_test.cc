#include "director/core/connection_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <type_traits>
#include <vector>

// The connection table of both families against an oracle that is slow and obvious: a map by
// number. Each number is a record of its own: a conversation (Masq or Route), a template with the
// very key of a conversation from port 0, or one that waits for its client's port.

namespace lvs::director {
namespace {

constexpr std::uint32_t kCapacity = 48;
constexpr std::uint32_t kNumbers = 80;  // more than fit, so that the table is often full
constexpr std::uint32_t kTurn = 8192;   // ticks of the timer wheel

Ipv4Addr address(std::uint32_t number, Ipv4Addr /*family*/) {
  return Ipv4Addr{0xcb007100u + number};
}
Ipv6Addr address(std::uint32_t number, const Ipv6Addr& /*family*/) {
  return Ipv6Addr{{0x20, 0x01, 0x0d, 0xb8, static_cast<std::uint8_t>(number)}};
}

/// The record of a number. Client ports are 0 to 4 in each network of eight numbers; five is the
/// template and six the waiting one.
template <typename Addr>
Connection<Addr> flow(std::uint32_t number, Tick expires_at) {
  const std::uint32_t sort = number % 7;
  Connection<Addr> record{};
  record.client = address(number / 7, Addr{});
  record.vip = address(200, Addr{});
  record.server_address = address(210, Addr{});
  record.server = {number + 1};
  record.expires_at = expires_at;
  record.client_port = Port{static_cast<std::uint16_t>(sort < 5 ? sort : 0)};
  record.vip_port = record.server_port = Port{80};
  record.protocol = Protocol::Tcp;
  record.method = number % 2 == 0 ? ForwardMethod::Route : ForwardMethod::Masq;
  if (sort == 5) record.flags = connection_flag::kTemplate;
  if (sort == 5) record.next_by_server = 1000 + number;  // its timeout
  if (sort == 6) record.flags = connection_flag::kNoClientPort;
  return record;
}

/// A table and its oracle, which do the same and are compared.
template <typename Addr>
class Pair {
 public:
  using Table = ConnectionTable<Addr>;
  using Record = Connection<Addr>;

  explicit Pair(std::uint64_t seed)
      : memory_(Table::bytes_for(kCapacity)), table_(memory_, kCapacity, {seed, ~seed}) {}

  void insert(std::uint32_t number, Tick now, Tick expires_at) {
    const Record wanted = flow<Addr>(number, expires_at);
    while (Record* const holder = table_.expired_holder(wanted, now)) {
      ASSERT_EQ(oracle_.erase(holder->server.number - 1), 1u);
      table_.erase(*holder);
    }
    const bool room = oracle_.size() < kCapacity && !oracle_.contains(number);
    Record* const added = table_.insert(wanted, now);
    ASSERT_EQ(added != nullptr, room);
    if (room) oracle_[number] = {expires_at, table_.position_of(*added)};
  }
  void rearm(std::uint32_t number, Tick now, Tick expires_at) {
    Record* const record = alive(number, now);
    if (record == nullptr) return;
    table_.rearm(*record, expires_at);
    oracle_[number].expires_at = expires_at;
  }
  void erase(std::uint32_t number, Tick now) {
    Record* const record = alive(number, now);
    if (record == nullptr) return;
    table_.erase(*record);
    oracle_.erase(number);
  }
  /// Nothing ends early; with room enough all that is over has ended, however late the call comes.
  void expire(Tick now, std::size_t limit) {
    const bool all = limit >= 4 * kCapacity;
    while (Record* const ended = table_.next_expired(now, limit)) {
      const auto known = oracle_.find(ended->server.number - 1);
      ASSERT_TRUE(known != oracle_.end() && known->second.expires_at <= now) << "ended too early";
      oracle_.erase(known);
      table_.erase(*ended);
    }
    if (!all) return;
    for (const auto& [number, entry] : oracle_)
      ASSERT_TRUE(now < entry.expires_at) << "not ended: " << number;
  }
  void compare(Tick now) {
    ASSERT_EQ(table_.size(), oracle_.size());
    for (std::uint32_t number = 0; number < kNumbers; ++number) {
      const auto known = oracle_.find(number);
      const bool is_alive = known != oracle_.end() && now < known->second.expires_at;
      const Record* const found = find(number, now);
      ASSERT_EQ(found != nullptr, is_alive) << number;
      if (known == oracle_.end()) continue;
      const Record* const at = table_.at(known->second.position);
      ASSERT_TRUE(at != nullptr && at->server.number == number + 1) << "it keeps its position";
      ASSERT_TRUE(!is_alive || found == at);
      ASSERT_TRUE(!at->is_template() || at->next_by_server == 1000 + number);
    }
    compare_from_servers(now);
  }

 private:
  struct Entry {
    Tick expires_at{};
    std::uint32_t position = 0;
  };

  Record* find(std::uint32_t number, Tick now) {
    const Record expected = flow<Addr>(number, {});
    const auto key = expected.client_key();
    if (expected.is_template()) {
      Record* const found = table_.find_template(key);
      return found != nullptr && now < found->expires_at ? found : nullptr;
    }
    if (expected.flags == 0) {
      Record* const found = table_.find_from_client(key, now);
      return found != nullptr && found->flags == 0 ? found : nullptr;
    }
    auto any_port = key;
    any_port.source_port = Port{60000};
    return table_.find_from_client(any_port, now);
  }
  Record* alive(std::uint32_t number, Tick now) { return find(number, now); }

  void compare_from_servers(Tick now) {
    for (std::uint32_t number = 0; number < kNumbers; ++number) {
      const Record expected = flow<Addr>(number, {});
      const auto known = oracle_.find(number);
      const bool is_there = known != oracle_.end() && now < known->second.expires_at &&
                            expected.flags == 0 && expected.method == ForwardMethod::Masq;
      const Record* const found = table_.find_from_server(expected.server_key(), now);
      ASSERT_TRUE(!is_there || (found != nullptr && found->server.number == number + 1));
      ASSERT_TRUE(is_there || expected.flags != 0 || found == nullptr) << number;
    }
  }

  std::vector<std::byte> memory_;
  Table table_;
  std::map<std::uint32_t, Entry> oracle_;
};

template <typename Addr>
class ConnectionTableProperty : public testing::Test {};
using Families = testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(ConnectionTableProperty, Families, );

/// One step of what may happen to a table.
template <typename Addr>
void step_on(Pair<Addr>& pair, std::mt19937& random, Tick now) {
  const auto below = [&](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  const std::uint32_t number = below(kNumbers);
  const Tick expires_at = now + Ticks{1 + (below(6) == 0 ? below(5 * kTurn) : below(400))};
  switch (below(6)) {
    case 0:
    case 1:
      return pair.insert(number, now, expires_at);
    case 2:
    case 3:
      return pair.rearm(number, now, expires_at);
    case 4:
      return pair.erase(number, now);
    default:
      return pair.expire(now, below(2) == 0 ? 4 * kCapacity : below(5));
  }
}

TYPED_TEST(ConnectionTableProperty, AgreesWithAMapOverRandomOperations) {
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u}) {
    std::mt19937 random(seed);
    Pair<TypeParam> pair(seed);
    Tick now{0xffffe000 + seed * 1000};  // the clock wraps on the way
    for (int step = 0; step < 20000; ++step) {
      const bool leaps = random() % 8 == 0;
      now = now + Ticks{static_cast<std::uint32_t>(random() % (leaps ? 3000 : 4))};
      if (random() % 500 == 0) now = now + Ticks{3 * kTurn};  // nobody looked for some turns
      step_on(pair, random, now);
      if (step % 16 == 0) pair.compare(now);
      if (testing::Test::HasFatalFailure()) {
        FAIL() << "seed " << seed << ", step " << step;
      }
    }
  }
}

/// With a look at every tick each record ends in the very tick of its expiry, whatever was put off.
TYPED_TEST(ConnectionTableProperty, EndsEachRecordInItsTickWhenLookedAtEveryTick) {
  using Table = ConnectionTable<TypeParam>;
  std::mt19937 random(7);
  std::vector<std::byte> memory(Table::bytes_for(kCapacity));
  Table table(memory, kCapacity, {1, 2});
  Tick now{0xfffff000};
  std::size_t ended = 0;
  for (int tick = 0; tick < 40000; ++tick, now = now + Ticks{1}) {
    const auto number = static_cast<std::uint32_t>(random() % kNumbers);
    const Tick expires_at = now + Ticks{1 + static_cast<std::uint32_t>(random() % (2 * kTurn))};
    const auto wanted = flow<TypeParam>(number, expires_at);
    table.insert(wanted, now);
    if (auto* const found = table.find_from_client(wanted.client_key(), now))
      table.rearm(*found, expires_at);
    std::size_t limit = 4 * kCapacity;
    while (auto* const over = table.next_expired(now, limit)) {
      ASSERT_EQ(over->expires_at, now);
      table.erase(*over);
      ++ended;
    }
  }
  EXPECT_GT(ended, 100u) << "the control: many did end";
}

}  // namespace
}  // namespace lvs::director
