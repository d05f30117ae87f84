#include "director/core/service_table.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/service_bench.h"

// Servers, from their addition to the trash and back, and what schedulers hear of it.

namespace lvs::director {
namespace {

using test::kNow;
using test::ServiceBench;
using Load = ServiceTable::Load;
using Picks = std::vector<int>;

TEST(Servers, SitInTheOrderOfTheirComing) {
  ServiceBench b;
  const ServerId first = b.add(1);
  const ServerId second = b.add(2);
  const ServerId third = b.add(3);
  EXPECT_EQ(b.service().seats, (std::vector<ServerId>{first, second, third}));
  b.remove(1);
  EXPECT_EQ(b.record(second).seat, 0u);
  EXPECT_EQ(b.record(third).seat, 1u);
  EXPECT_EQ(b.picks(4), (Picks{3, 2, 3, 2})) << "the newest first (facts of IPVS, 0)";
}

TEST(Servers, AreToldApartByAddressAndPort) {
  ServiceBench b;
  b.add(1);
  ServerConfig other = b.server(1);
  EXPECT_EQ(b.table.add_server(b.web.key, other).error().what,
            "server 192.168.10.1:80 of tcp 10.0.0.1:80 exists already");
  other.port = Port{81};
  EXPECT_TRUE(b.table.add_server(b.web.key, other));
  EXPECT_EQ(b.table.edit_server(b.web.key, b.server(9)).error().what,
            "no server 192.168.10.9:80 of tcp 10.0.0.1:80");
}

TEST(Servers, HaveThePortOfTheServiceWhereNoneIsMapped) {
  ServiceBench b;
  ServerConfig config = b.server(1);
  config.method = ForwardMethod::Route;
  config.port = Port{8080};
  EXPECT_EQ(b.record(b.add(config)).port, Port{80});
  config.weight = 7;
  EXPECT_TRUE(b.table.edit_server(b.web.key, config)) << "the same one";
  EXPECT_EQ(b.record(b.service().seats[0]).weight, 7u);
}

TEST(Servers, CarryWhatTheirTunnelNeeds) {
  ServiceBench b;
  ServerConfig config = b.server(1);
  config.address = test::ipv6(1);
  config.method = ForwardMethod::Tunnel;
  config.tunnel = {.type = TunnelType::Gue, .port = Port{6080}, .checksum = true};
  const ServerId id = b.add(config);
  EXPECT_EQ(b.record(id).tunnel, TunnelType::Gue);
  EXPECT_EQ(b.record(id).tunnel_port, Port{6080});
  EXPECT_NE(b.record(id).flags & server_flag::kTunnelChecksum, 0);
  EXPECT_EQ(b.record(id).address.address(), config.address);
  config.tunnel.checksum = false;
  b.edit(config);
  EXPECT_EQ(b.record(id).flags & server_flag::kTunnelChecksum, 0);
}

// Facts of IPVS, 1.5: -a always sets it, -e only when the weight is not 0.
TEST(Servers, RememberTheirLastWeight) {
  ServiceBench b;
  const ServerId id = b.add(1, 5);
  EXPECT_EQ(b.record(id).last_weight, 5u);
  b.edit(b.server(1, 0));
  EXPECT_EQ(b.record(id).last_weight, 5u);
  b.edit(b.server(1, 3));
  EXPECT_EQ(b.record(id).last_weight, 3u);
  b.remove(1);
  EXPECT_EQ(b.add(1, 0), id);
  EXPECT_EQ(b.record(id).last_weight, 0u);
}

TEST(Schedulers, HearOfLoadsBeforeTheNextPick) {
  ServiceBench b("lc");
  const ServerId first = b.add(1);
  const ServerId second = b.add(2);
  EXPECT_EQ(b.pick(), 2);
  b.bind(second);
  EXPECT_EQ(b.pick(), 1);
  b.bind(first);
  b.bind(first);
  EXPECT_EQ(b.pick(), 2);
  b.table.change(first, Load::Active, Load::Inactive);
  b.table.change(first, Load::Active, Load::Inactive);
  EXPECT_EQ(b.pick(), 1) << "an active one counts 256";
  b.table.unbind(second, Load::Active);
  EXPECT_EQ(b.pick(), 2);
}

TEST(Schedulers, AreToldOnceOfAServerWhateverHappensToIt) {
  ServiceBench b("lc");
  const ServerId id = b.add(1);
  for (int i = 0; i < 100; ++i) b.bind(id);
  EXPECT_EQ(b.service().changed, std::vector<ServerId>{id});
  EXPECT_LE(b.service().changed.size(), b.service().seats.size()) << "so it never grows";
  b.pick();
  EXPECT_TRUE(b.service().changed.empty());
}

TEST(Schedulers, HearNothingOfServersThatLeft) {
  ServiceBench b("lc");
  const ServerId id = b.add(1);
  b.add(2);
  b.bind(id);
  b.remove(1);
  EXPECT_TRUE(b.service().changed.empty());
  b.table.unbind(id, Load::Active);
  EXPECT_TRUE(b.service().changed.empty());
  EXPECT_EQ(b.pick(), 2);
}

TEST(Schedulers, HearOfEdits) {
  ServiceBench b;
  b.add(1);
  b.add(2);
  b.edit(b.server(2, 0));
  EXPECT_EQ(b.picks(3), (Picks{1, 1, 1}));
  b.edit(b.server(2, 1));
  EXPECT_EQ(b.picks(2), (Picks{2, 1}));
}

// Facts of IPVS, 1.1 and 1.3: adding A4 B3 C2 begins with a pass of cw = 1; -E does not.
TEST(Schedulers, AreStartedAnewByAnotherNameAlone) {
  ServiceBench built("wrr");
  ServiceBench edited("rr");
  for (ServiceBench* b : {&built, &edited}) {
    b->add(1, 4);
    b->add(2, 3);
    b->add(3, 2);
  }
  EXPECT_EQ(built.picks(6), (Picks{3, 2, 1, 1, 2, 1}));
  built.web.name = "other";
  ASSERT_TRUE(built.table.edit(built.web));
  EXPECT_EQ(built.picks(3), (Picks{3, 2, 1})) << "goes on where it was";
  edited.web.scheduler = "wrr";
  ASSERT_TRUE(edited.table.edit(edited.web));
  EXPECT_EQ(edited.picks(9), (Picks{1, 2, 1, 3, 2, 1, 3, 2, 1}));
}

TEST(Schedulers, HearOfFlags) {
  ServiceBench b("sh");
  for (std::uint8_t octet = 1; octet <= 8; ++octet) b.add(octet);
  const auto differ = [&] {
    for (std::uint16_t port = 2; port < 40; ++port)
      if (b.pick(Port{port}) != b.pick(Port{1})) return true;
    return false;
  };
  EXPECT_FALSE(differ());
  b.web.scheduler_flags.bits = SchedulerFlags::kSecond;  // sh-port
  ASSERT_TRUE(b.table.edit(b.web));
  EXPECT_TRUE(differ());
}

// Facts of IPVS, 2.7.
TEST(Overload, IsSetByBindingAloneAndCountsAllConnections) {
  ServiceBench b;
  ServerConfig limited = b.server(1);
  limited.upper = 2;
  const ServerId id = b.add(limited);
  b.bind(id, Load::Active);
  EXPECT_EQ(b.pick(), 1);
  b.bind(id, Load::Inactive);
  EXPECT_EQ(b.pick(), 0);
  limited.upper = 1;
  b.edit(limited);
  EXPECT_EQ(b.pick(), 0) << "a smaller one leaves it";
  limited.upper = 3;
  b.edit(limited);
  EXPECT_EQ(b.pick(), 1) << "a greater one clears it";
  limited.upper = 2;
  b.edit(limited);
  EXPECT_EQ(b.pick(), 1) << "an edit never sets it";
}

TEST(Overload, IsLookedAtWhenATemplateComesOrGoesButDoesNotCountIt) {
  ServiceBench b;
  ServerConfig limited = b.server(1);
  limited.upper = 1;
  const ServerId id = b.add(limited);
  b.bind(id, Load::Template);
  EXPECT_EQ(b.pick(), 1) << "no connection yet";
  b.bind(id, Load::Active);
  EXPECT_EQ(b.pick(), 0);
  limited.upper = 0;
  b.edit(limited);
  EXPECT_EQ(b.pick(), 1);
  limited.upper = 1;
  b.edit(limited);
  b.bind(id, Load::Template);
  EXPECT_EQ(b.pick(), 0) << "a template was bound while the figures were at the limit";
  b.table.unbind(id, Load::Active);
  EXPECT_EQ(b.pick(), 1);
  EXPECT_EQ(b.record(id).persistent, 2u);
}

TEST(Overload, EndsBelowTheLowerThresholdOrThreeQuarters) {
  ServiceBench b;
  ServerConfig limited = b.server(1);
  limited.upper = 8;
  const ServerId quarters = b.add(limited);
  for (int i = 0; i < 8; ++i) b.bind(quarters);
  b.table.unbind(quarters, Load::Active);
  b.table.unbind(quarters, Load::Active);
  EXPECT_EQ(b.pick(), 0) << "6 are three quarters of 8";
  b.table.unbind(quarters, Load::Active);
  EXPECT_EQ(b.pick(), 1);
  limited.lower = 2;
  b.edit(limited);
  for (int i = 0; i < 3; ++i) b.bind(quarters);
  for (int i = 0; i < 6; ++i) b.table.unbind(quarters, Load::Active);
  EXPECT_EQ(b.pick(), 0) << "2 are left";
  b.table.unbind(quarters, Load::Active);
  EXPECT_EQ(b.pick(), 1);
}

// Facts of IPVS, 2.10.
TEST(Trash, GivesAServerBackWithItsCountersAndItsOverload) {
  ServiceBench b;
  ServerConfig limited = b.server(1);
  limited.upper = 1;
  const ServerId id = b.add(limited);
  b.bind(id);
  b.table.server_counters(id).connections = 3;
  b.remove(1);
  EXPECT_FALSE(b.record(id).is_available());
  b.table.collect(kNow + seconds_to_ticks(1000));
  EXPECT_EQ(b.add(limited), id) << "a connection refers to it";
  EXPECT_EQ(b.table.server_counters(id).connections, 3u);
  EXPECT_EQ(b.pick(), 0);
}

TEST(Trash, KeepsWhatATemplateRefersTo) {
  ServiceBench b;
  const ServerId id = b.add(1);
  b.bind(id, Load::Template);
  b.remove(1);
  b.table.collect(kNow + seconds_to_ticks(1000));
  EXPECT_NE(b.add(2), id);
  b.table.unbind(id, Load::Template);
  b.table.collect(kNow + seconds_to_ticks(1000));
  EXPECT_EQ(b.add(3), id) << "the number is free";
}

TEST(Trash, KeepsAServerForTwoMinutesAlsoWithoutConnections) {
  ServiceBench b;
  const ServerId id = b.add(1);
  b.table.server_counters(id).connections = 3;
  b.remove(1);
  b.table.collect(kNow + seconds_to_ticks(119));
  EXPECT_EQ(b.table.server_counters(b.add(1)).connections, 3u);
  b.remove(1);
  b.table.collect(kNow + seconds_to_ticks(120));
  EXPECT_EQ(b.table.server_counters(b.add(1)).connections, 0u);
}

TEST(Trash, GivesServersBackToAServiceThatComesBack) {
  ServiceBench b;
  const ServerId id = b.add(1);
  b.bind(id);
  ASSERT_TRUE(b.table.remove(b.web.key, kNow));
  b.id = b.table.add(b.web).value();
  EXPECT_EQ(b.add(1), id);
  ServiceConfig other = b.web;
  other.key.port = Port{81};
  ASSERT_TRUE(b.table.add(other));
  b.remove(1);
  ServerConfig same = b.server(1);
  EXPECT_NE(b.table.add_server(other.key, same).value(), id) << "not to another service";
}

TEST(Trash, DoesNotGiveBackWhoseConnectionsEndWithIt) {
  ServiceBench b;
  b.web.expire_nodest_conn = true;
  ASSERT_TRUE(b.table.edit(b.web));
  const ServerId id = b.add(1);
  b.bind(id, Load::Template);
  b.table.server_counters(id).connections = 3;
  b.remove(1);
  EXPECT_TRUE(b.table.has_condemned_connections());
  const ServerId successor = b.add(1);
  EXPECT_NE(successor, id);
  EXPECT_EQ(b.table.server_counters(successor).connections, 3u);
  b.table.unbind(id, Load::Template);
  EXPECT_FALSE(b.table.has_condemned_connections());
}

TEST(Services, AreEditedInPlace) {
  ServiceBench b;
  const ServerId id = b.add(1);
  b.bind(id);
  b.service().counters.connections = 9;
  b.web.persistence = Persistence{};
  b.web.expire_quiescent_template = true;
  b.web.tcp_timeout_s = 100;
  ASSERT_TRUE(b.table.edit(b.web));
  EXPECT_EQ(b.service().counters.connections, 9u);
  EXPECT_EQ(b.record(id).active, 1u);
  EXPECT_EQ(b.service().record.flags,
            service_flag::kPersistent | service_flag::kExpireQuiescentTemplate);
  EXPECT_EQ(b.service().record.tcp_timeout, seconds_to_ticks(100));
  EXPECT_EQ(b.table.add(b.web).error().what, "service tcp 10.0.0.1:80 exists already");
}

TEST(Services, SaySoWhereThereAreNone) {
  ServiceBench b;
  ServiceConfig other = b.web;
  other.key.vip = test::ipv6(1);
  EXPECT_EQ(b.table.edit(other).error().what, "no service tcp [2001:db8::1]:80");
  EXPECT_EQ(b.table.remove(ServiceKey::of_mark(3, Family::Ipv6), kNow).error().what,
            "no service mark 3 (ipv6)");
  EXPECT_EQ(b.table.add_server(other.key, b.server(1)).error().what,
            "no service tcp [2001:db8::1]:80");
}

}  // namespace
}  // namespace lvs::director
