#include "director/core/live_tables.h"

#include <gtest/gtest.h>

#include <vector>

// How records hang together: servers count them, templates control them (facts of IPVS, 2.4, 2.8).

namespace lvs::director {
namespace {

constexpr Tick kNow{5000};
constexpr Ticks kMinute = seconds_to_ticks(60);
constexpr std::uint32_t kCapacity = 8;

using Record = Connection<Ipv4Addr>;

struct Bench {
  Bench() {
    service = tables.services.add(web).value();
    server = tables.services
                 .add_server(web.key, {.address = Ipv4Addr(192, 168, 10, 11),
                                       .port = Port{80},
                                       .name = {},
                                       .method = ForwardMethod::Masq})
                 .value();
  }
  Record record(std::uint16_t client_port, std::uint8_t flags, Ticks timeout = kMinute) const {
    return {.client = Ipv4Addr(203, 0, 113, 5),
            .vip = Ipv4Addr(10, 0, 0, 1),
            .server_address = Ipv4Addr(192, 168, 10, 11),
            .server = server,
            .expires_at = kNow + timeout,
            .client_port = Port{client_port},
            .vip_port = Port{80},
            .server_port = Port{80},
            .protocol = Protocol::Tcp,
            .method = ForwardMethod::Masq,
            .flags = flags};
  }
  Record* open(std::uint16_t client_port, Ticks timeout = kMinute) {
    return tables.open(record(client_port, connection_flag::kInactive, timeout), kNow);
  }
  Record* open_template(Ticks timeout = kMinute) {
    Record wanted = record(0, connection_flag::kTemplate, timeout);
    wanted.next_by_server = timeout.number;
    return tables.open(wanted, kNow);
  }
  bool has_template() {
    return tables.connections<Ipv4Addr>().find_template(
               record(0, connection_flag::kTemplate).client_key()) != nullptr;
  }
  const ServerRecord& load() { return *tables.server(server); }
  void expire(Tick now) {
    while (tables.expire(now, 4)) {
    }
  }

  ServiceConfig web{.key = {Protocol::Tcp, Ipv4Addr(10, 0, 0, 1), Port{80}},
                    .name = {},
                    .scheduler = "rr",
                    .persistence = Persistence{}};
  std::vector<std::byte> memory = std::vector<std::byte>(LiveTables::bytes_for(kCapacity));
  LiveTables tables{memory, {.connections = kCapacity, .key = {1, 2}, .schedulers = kSchedulers}};
  ServiceId service{};
  ServerId server{};
};

TEST(LiveTables, CountsForTheServerWhatBeginsAndEnds) {
  Bench b;
  ASSERT_TRUE(b.open(1) && b.open_template());
  ASSERT_TRUE(b.tables.open(b.record(2, 0), kNow));
  EXPECT_EQ(b.load().inactive, 1u);
  EXPECT_EQ(b.load().active, 1u);
  EXPECT_EQ(b.load().persistent, 1u);
  EXPECT_EQ(b.tables.connection_count(), 3u);
  b.expire(kNow + kMinute);
  EXPECT_EQ(b.load().inactive + b.load().active + b.load().persistent, 0u);
  EXPECT_EQ(b.tables.connection_count(), 0u);
}

TEST(LiveTables, HoldsNoMoreOfBothFamiliesThanItMay) {
  Bench b;
  for (std::uint16_t port = 1; port < kCapacity; ++port) ASSERT_TRUE(b.open(port));
  Connection<Ipv6Addr> other{.client = Ipv6Addr{{1}},
                             .vip = Ipv6Addr{{2}},
                             .server = b.server,
                             .expires_at = kNow + kMinute,
                             .protocol = Protocol::Udp,
                             .method = ForwardMethod::Tunnel,
                             .flags = connection_flag::kInactive};
  ASSERT_TRUE(b.tables.open(other, kNow));
  EXPECT_TRUE(b.tables.is_full());
  EXPECT_FALSE(b.open(100));
  EXPECT_EQ(b.load().inactive, kCapacity) << "what was refused does not count";
  EXPECT_TRUE(b.tables.find(other.client_key(), kNow));
}

TEST(LiveTables, MakesRoomOfWhatIsOver) {
  Bench b;
  const Record* const old = b.open(1, Ticks{5});
  ASSERT_TRUE(old);
  EXPECT_FALSE(b.open(1)) << "the key is taken";
  Record wanted = b.record(1, connection_flag::kInactive);
  EXPECT_TRUE(b.tables.open(wanted, kNow + Ticks{5}));
  EXPECT_EQ(b.load().inactive, 1u);
}

TEST(LiveTables, KeepsATemplateForAMinuteAtATimeWhileConnectionsLive) {
  Bench b;
  Record* const pinned = b.open_template(Ticks{1000});
  Record* const child = b.open(1, Ticks{20000});
  b.tables.attach(*child, *pinned);
  EXPECT_EQ(pinned->control, 1u);
  EXPECT_EQ(b.tables.parent_of(*child), pinned);

  b.expire(kNow + Ticks{1000});
  ASSERT_TRUE(b.has_template());
  EXPECT_EQ(pinned->expires_at, kNow + Ticks{1000} + kMinute);
  EXPECT_EQ(pinned->next_by_server, kMinute.number) << "its timeout from now on";

  b.expire(kNow + Ticks{20000});
  EXPECT_FALSE(b.tables.find(b.record(1, 0).client_key(), kNow));
  EXPECT_EQ(pinned->control, 0u);
  EXPECT_TRUE(b.has_template()) << "until its own minute is over";
  b.expire(kNow + Ticks{20000} + kMinute);
  EXPECT_FALSE(b.has_template());
  EXPECT_EQ(b.load().persistent, 0u);
}

TEST(LiveTables, LeavesATemplateWhoseConnectionsEndedByThemselves) {
  Bench b;
  Record* const pinned = b.open_template(seconds_to_ticks(360));
  Record* const child = b.open(1);
  b.tables.attach(*child, *pinned);
  b.tables.end(*child);
  EXPECT_TRUE(b.has_template());
}

TEST(LiveTables, DropsAnUnassuredTemplateWithItsLastForcedOutConnection) {
  Bench b;
  Record* const pinned = b.open_template();
  Record* const first = b.open(1);
  Record* const second = b.open(2);
  b.tables.attach(*first, *pinned);
  b.tables.attach(*second, *pinned);
  b.tables.force_out(*first, kNow);
  EXPECT_TRUE(b.has_template()) << "one is left";
  b.tables.force_out(*second, kNow);
  EXPECT_FALSE(b.has_template());
  EXPECT_EQ(b.tables.connection_count(), 0u);
  EXPECT_EQ(b.load().inactive + b.load().persistent, 0u);
}

TEST(LiveTables, KeepsAnAssuredTemplateWhenItsLastConnectionIsForcedOut) {
  Bench b;
  Record* const pinned = b.open_template();
  Record* const child = b.open(1);
  b.tables.attach(*child, *pinned);
  b.tables.assure(*child);
  EXPECT_NE(pinned->flags & connection_flag::kAssured, 0);
  b.tables.force_out(*child, kNow);
  EXPECT_TRUE(b.has_template());
}

TEST(LiveTables, ForcesNothingOutThatControlsOthers) {
  Bench b;
  Record* const pinned = b.open_template(Ticks{1});
  Record* const child = b.open(1);
  b.tables.attach(*child, *pinned);
  b.tables.force_out(*pinned, kNow + Ticks{50});
  ASSERT_TRUE(b.has_template());
  EXPECT_EQ(pinned->expires_at, kNow + Ticks{50} + kMinute);
}

TEST(LiveTables, DropsAnFtpControlConnectionWithItsLastForcedOutData) {
  Bench b;
  Record* const control = b.open(1);
  Record* const data = b.open(2);
  b.tables.attach(*data, *control);
  b.tables.assure(*data);
  EXPECT_EQ(control->flags & connection_flag::kAssured, 0) << "that is for templates";
  b.tables.force_out(*data, kNow);
  EXPECT_EQ(b.tables.connection_count(), 0u);
}

TEST(LiveTables, GivesTheDataOfAPersistentFtpConnectionToItsTemplate) {
  Bench b;
  Record* const pinned = b.open_template();
  Record* const control = b.open(1);
  Record* const data = b.open(2);
  b.tables.attach(*control, *pinned);
  b.tables.attach(*data, *control);
  EXPECT_EQ(b.tables.parent_of(*data), pinned);
  EXPECT_EQ(pinned->control, 2u);
  b.tables.end(*control);
  b.tables.end(*data);
  EXPECT_EQ(pinned->control, 0u);
}

TEST(LiveTables, LetsAConversationGiveItsKeysAwayWhileItControlsOthers) {
  Bench b;
  Record* const control = b.open(1);
  Record* const data = b.open(2);
  b.tables.attach(*data, *control);
  b.tables.give_way(*control);
  Record* const successor = b.open(1);
  ASSERT_TRUE(successor);
  EXPECT_EQ(b.tables.find(successor->client_key(), kNow), successor);
  b.tables.end(*data);
  b.tables.give_way(*successor);
  EXPECT_FALSE(b.tables.find(b.record(1, 0).client_key(), kNow));
  b.expire(kNow + kMinute);
  EXPECT_EQ(b.tables.connection_count(), 0u);
  EXPECT_EQ(b.load().inactive, 0u);
}

TEST(LiveTables, CountsPacketsForServerAndService) {
  Bench b;
  b.tables.count_opened(b.server);
  b.tables.count_in(b.server, 100);
  b.tables.count_in(b.server, 50);
  b.tables.count_out(b.server, 7);
  for (const FlowCounters& counters : {b.tables.services.server_counters(b.server),
                                       b.tables.services.service(b.service)->counters}) {
    EXPECT_EQ(counters.connections, 1u);
    EXPECT_EQ(counters.packets_in, 2u);
    EXPECT_EQ(counters.bytes_in, 150u);
    EXPECT_EQ(counters.packets_out, 1u);
    EXPECT_EQ(counters.bytes_out, 7u);
  }
  ASSERT_TRUE(
      b.tables.services.remove_server(b.web.key, Ipv4Addr(192, 168, 10, 11), Port{80}, kNow));
  b.tables.count_in(b.server, 1);
  EXPECT_EQ(b.tables.services.server_counters(b.server).packets_in, 3u);
  EXPECT_EQ(b.tables.services.service(b.service)->counters.packets_in, 2u);
}

TEST(LiveTables, TellsALearntMtuOnlyWhereItIsLess) {
  Bench b;
  const NextHopId hop = b.tables.add_next_hop({.link = {2}, .mtu = 1500}).value();
  EXPECT_EQ(b.tables.path_mtu(hop, kNow), 0);
  b.tables.path_mtus.learn(hop, 1400, Family::Ipv4, kNow);
  EXPECT_EQ(b.tables.path_mtu(hop, kNow), 1400);
  b.tables.set_next_hop(hop,
                        {.link = {2}, .destination = MacAddr{{2, 0, 0, 0, 0, 9}}, .mtu = 1500});
  EXPECT_EQ(b.tables.path_mtu(hop, kNow), 1400) << "a new MAC address, the same way";
  b.tables.set_next_hop(hop, {.link = {3}, .mtu = 1500});
  EXPECT_EQ(b.tables.path_mtu(hop, kNow), 0) << "another way";
  b.tables.path_mtus.learn(hop, 1600, Family::Ipv4, kNow);
  EXPECT_EQ(b.tables.path_mtu(hop, kNow), 0);
}

TEST(LiveTables, NumbersNoMoreNextHopsThanAConnectionCanName) {
  Bench b;
  for (std::uint32_t i = 1; i <= 65535; ++i) ASSERT_EQ(b.tables.add_next_hop({}).value().number, i);
  EXPECT_EQ(b.tables.add_next_hop({}).error().what, "there are 65535 next hops already");
}

}  // namespace
}  // namespace lvs::director
