#include "director/core/live_tables.h"

#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <vector>

// What hangs together in the live tables, over random lives of records, against a model that counts
// everything anew after each step: servers count their records, controllers those that they
// control, nothing is lost and nothing dangles.

namespace lvs::director {
namespace {

constexpr std::uint32_t kCapacity = 32;
constexpr std::uint32_t kNumbers = 60;
constexpr Ticks kMinute = seconds_to_ticks(60);

struct Model {
  struct Entry {
    Tick expires_at{};
    std::optional<std::uint32_t> parent;
    bool is_template = false;
    bool is_inactive = false;
    bool is_assured = false;
  };
  std::map<std::uint32_t, Entry> entries;

  std::uint32_t children_of(std::uint32_t number) const {
    std::uint32_t count = 0;
    for (const auto& [child, entry] : entries) count += entry.parent == number ? 1u : 0u;
    return count;
  }
};

/// Numbers below ten are templates, the others conversations, each with a client port of its own.
Connection<Ipv4Addr> record(std::uint32_t number, ServerId server, Tick expires_at) {
  const bool is_template = number < 10;
  Connection<Ipv4Addr> made{};
  made.client = Ipv4Addr{0xcb007100u + number};
  made.vip = Ipv4Addr(10, 0, 0, 1);
  made.server_address = Ipv4Addr(192, 168, 10, 11);
  made.server = server;
  made.expires_at = expires_at;
  made.client_port = Port{static_cast<std::uint16_t>(is_template ? 0 : number)};
  made.vip_port = made.server_port = Port{80};
  made.protocol = Protocol::Tcp;
  made.method = ForwardMethod::Masq;
  made.flags = is_template ? connection_flag::kTemplate : connection_flag::kInactive;
  return made;
}

class Scene {
 public:
  explicit Scene(std::uint32_t seed) : random_(seed) {
    EXPECT_TRUE(tables_.services.add(web_));
    for (std::uint8_t i = 0; i < servers_.size(); ++i)
      servers_[i] = tables_.services
                        .add_server(web_.key, {.address = Ipv4Addr(192, 168, 10, i),
                                               .port = Port{80},
                                               .name = {},
                                               .method = ForwardMethod::Masq})
                        .value();
  }

  void step() {
    now_ = now_ + Ticks{below(60)};
    if (below(40) == 0) now_ = now_ + Ticks{below(10000)};
    const std::uint32_t number = below(4) == 0 ? below(10) : below(kNumbers);
    switch (below(8)) {
      case 0:
      case 1:
        return open(number);
      case 2:
        return attach(one_of_those_there(), one_of_those_there() % 10);
      case 3:
        return change_state(number);
      case 4:
        return assure(number);
      case 5:
        return force_out(one_of_those_there());
      case 6:
        return end(number);
      default:
        return expire();
    }
  }

  void check() {
    ASSERT_EQ(tables_.connection_count(), model_.entries.size());
    std::map<std::uint32_t, std::array<std::uint32_t, 3>> loads;
    for (const auto& [number, entry] : model_.entries) {
      const Connection<Ipv4Addr>* const found = find(number);
      ASSERT_TRUE(found != nullptr) << number;
      ASSERT_EQ(found->expires_at, entry.expires_at) << number;
      ASSERT_EQ((found->flags & connection_flag::kAssured) != 0, entry.is_assured);
      ASSERT_EQ((found->flags & connection_flag::kControlled) != 0, entry.parent.has_value());
      if (entry.parent) {
        ASSERT_EQ(tables_.parent_of(*found), find(*entry.parent));
      } else {
        ASSERT_EQ(found->control, model_.children_of(number));
      }
      ++loads[server_of(number).number][entry.is_template ? 2u : entry.is_inactive ? 1u : 0u];
    }
    for (const ServerId id : servers_) {
      const ServerRecord& server = *tables_.server(id);
      ASSERT_EQ((std::array{server.active, server.inactive, server.persistent}), loads[id.number]);
    }
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::uint32_t one_of_those_there() {
    if (model_.entries.empty()) return 0;
    return std::next(model_.entries.begin(),
                     below(static_cast<std::uint32_t>(model_.entries.size())))
        ->first;
  }
  ServerId server_of(std::uint32_t number) const { return servers_[number % servers_.size()]; }
  Connection<Ipv4Addr>* find(std::uint32_t number) {
    const auto known = model_.entries.find(number);
    if (known == model_.entries.end()) return nullptr;
    auto& table = tables_.connections<Ipv4Addr>();
    const auto key = record(number, {}, {}).client_key();
    // A moment at which it has not ended: the model says whether it is there.
    const Tick alive{known->second.expires_at.number - 1};
    return known->second.is_template ? table.find_template(key)
                                     : table.find_from_client(key, alive);
  }

  void open(std::uint32_t number) {
    const Tick expires_at = now_ + Ticks{1 + below(3000)};
    // What is over and controls nothing gives way.
    const auto known = model_.entries.find(number);
    if (known != model_.entries.end() && known->second.expires_at <= now_ &&
        model_.children_of(number) == 0)
      forget(number);
    const bool room = model_.entries.size() < kCapacity && !model_.entries.contains(number);
    const auto* const opened = tables_.open(record(number, server_of(number), expires_at), now_);
    ASSERT_EQ(opened != nullptr, room);
    if (room) model_.entries[number] = {expires_at, {}, number < 10, number >= 10, false};
  }
  void attach(std::uint32_t number, std::uint32_t parent) {
    if (number < 10 || find(number) == nullptr || find(parent) == nullptr) return;
    if (model_.entries[number].parent) return;
    tables_.attach(*find(number), *find(parent));
    model_.entries[number].parent = parent;
  }
  void change_state(std::uint32_t number) {
    Connection<Ipv4Addr>* const found = find(number);
    if (number < 10 || found == nullptr) return;
    Model::Entry& entry = model_.entries[number];
    if (entry.is_inactive) tables_.count_active(found->server);
    if (!entry.is_inactive) tables_.count_inactive(found->server);
    found->flags ^= connection_flag::kInactive;
    entry.is_inactive = !entry.is_inactive;
  }
  void assure(std::uint32_t number) {
    if (find(number) == nullptr) return;
    tables_.assure(*find(number));
    const auto parent = model_.entries[number].parent;
    if (parent) model_.entries[*parent].is_assured = true;
  }
  void forget(std::uint32_t number) { model_.entries.erase(number); }

  void end(std::uint32_t number) {
    if (find(number) == nullptr) return;
    tables_.end(*find(number));
    if (model_.children_of(number) == 0) return forget(number);
    model_.entries[number].expires_at = model_.entries[number].expires_at + kMinute;
  }
  void force_out(std::uint32_t number) {
    if (find(number) == nullptr) return;
    tables_.force_out(*find(number), now_);
    if (model_.children_of(number) != 0) {
      model_.entries[number].expires_at = now_ + kMinute;
      return;
    }
    const auto parent = model_.entries[number].parent;
    forget(number);
    if (parent && model_.children_of(*parent) == 0 && !model_.entries[*parent].is_assured)
      forget(*parent);
  }
  void expire() {
    while (tables_.expire(now_, 4)) {
    }
    for (auto entry = model_.entries.begin(); entry != model_.entries.end();) {
      const bool over = !entry->second.is_template && entry->second.expires_at <= now_;
      entry = over ? model_.entries.erase(entry) : std::next(entry);
    }
    for (std::uint32_t number = 0; number < 10; ++number) settle_template(number);
  }
  /// A template whose time is over was kept while children lived, a minute at a time; whether the
  /// last of them ended before or after it was looked at shows in the table.
  void settle_template(std::uint32_t number) {
    const auto known = model_.entries.find(number);
    if (known == model_.entries.end() || now_ < known->second.expires_at) return;
    const auto* const found =
        tables_.connections<Ipv4Addr>().find_template(record(number, {}, {}).client_key());
    if (model_.children_of(number) != 0) {
      ASSERT_TRUE(found != nullptr) << "its children live";
    }
    if (found == nullptr) return forget(number);
    ASSERT_EQ((found->expires_at - known->second.expires_at).number % kMinute.number, 0u);
    ASSERT_TRUE(now_ < found->expires_at && found->expires_at <= now_ + kMinute);
    known->second.expires_at = found->expires_at;
  }

  std::mt19937 random_;
  Tick now_{0xffff0000};
  ServiceConfig web_{.key = {Protocol::Tcp, Ipv4Addr(10, 0, 0, 1), Port{80}},
                     .name = {},
                     .scheduler = "wlc",
                     .persistence = Persistence{}};
  std::vector<std::byte> memory_ = std::vector<std::byte>(LiveTables::bytes_for(kCapacity));
  LiveTables tables_{memory_, {.connections = kCapacity, .key = {1, 2}, .schedulers = kSchedulers}};
  std::array<ServerId, 3> servers_{};
  Model model_;
};

TEST(LiveTablesProperty, CountsAndLinksStayTrueOverRandomLives) {
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u, 5u}) {
    Scene scene(seed);
    for (int step = 0; step < 6000; ++step) {
      scene.step();
      scene.check();
      if (testing::Test::HasFatalFailure()) {
        FAIL() << "seed " << seed << ", step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace lvs::director
