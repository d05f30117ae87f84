#include <gtest/gtest.h>

#include "tests/unit/engine/service_bench.h"

// Which service a packet belongs to (facts of IPVS, 2.1 and 2.2).

namespace lvs::director {
namespace {

const IpAddr kVip = Ipv4Addr(10, 0, 0, 1);
const IpAddr kVip6 = test::ipv6(1);
const IpAddr kClient = Ipv4Addr(203, 0, 113, 5);

struct Services {
  ServiceId add(ServiceKey key) {
    ServiceConfig config{.key = key, .name = {}, .scheduler = "rr", .persistence = {}};
    if (key.port == Port{} && key.mark == 0) config.persistence = Persistence{};
    return table.add(config).value();
  }
  std::optional<ServiceId> tcp(std::uint16_t port, const IpAddr& vip = kVip) const {
    return table.find({Protocol::Tcp, kClient, vip, Port{port}, {}, 0});
  }
  ServiceTable table{kSchedulers, {}};
};

TEST(ServiceFind, WantsProtocolAddressAndPort) {
  Services s;
  const ServiceId web = s.add({Protocol::Tcp, kVip, Port{80}});
  EXPECT_EQ(s.tcp(80), web);
  EXPECT_FALSE(s.tcp(81));
  EXPECT_FALSE(s.tcp(80, Ipv4Addr(10, 0, 0, 2)));
  EXPECT_FALSE(s.table.find({Protocol::Udp, kClient, kVip, Port{80}, {}, 0}));
}

TEST(ServiceFind, TakesFtpDataToTheServiceOfFtp) {
  Services s;
  const ServiceId ftp = s.add({Protocol::Tcp, kVip, Port{21}});
  EXPECT_EQ(s.tcp(20), ftp);
  EXPECT_EQ(s.tcp(1024), ftp);
  EXPECT_EQ(s.tcp(65535), ftp);
  EXPECT_FALSE(s.tcp(1023));
  EXPECT_FALSE(s.tcp(22));
  EXPECT_FALSE(s.tcp(1024, Ipv4Addr(10, 0, 0, 2))) << "another address";
  EXPECT_FALSE(s.table.find({Protocol::Udp, kClient, kVip, Port{1024}, {}, 0}));
}

TEST(ServiceFind, AsksInTheOrderOfIpvs) {
  Services s;
  const ServiceId every = s.add({Protocol::Tcp, kVip, Port{}});
  EXPECT_EQ(s.tcp(8080), every);
  EXPECT_EQ(s.tcp(22), every);
  const ServiceId ftp = s.add({Protocol::Tcp, kVip, Port{21}});
  EXPECT_EQ(s.tcp(8080), ftp) << "before port 0";
  EXPECT_EQ(s.tcp(22), every);
  const ServiceId exact = s.add({Protocol::Tcp, kVip, Port{8080}});
  EXPECT_EQ(s.tcp(8080), exact) << "before FTP";
  const ServiceId marked = s.add(ServiceKey::of_mark(5, Family::Ipv4));
  s.table.set_marks(
      {{.mark = 5, .family = {}, .vip = kVip, .protocol = {}, .ports = {}, .source = {}}});
  EXPECT_EQ(s.tcp(8080), marked) << "before all";
}

TEST(ServiceFind, GoesOnWhereAMarkHasNoService) {
  Services s;
  const ServiceId web = s.add({Protocol::Tcp, kVip, Port{80}});
  s.add(ServiceKey::of_mark(5, Family::Ipv6));
  EXPECT_EQ(s.table.find({Protocol::Tcp, kClient, kVip, Port{80}, {}, 5}), web)
      << "the mark's service is of the other family";
  EXPECT_EQ(s.table.find({Protocol::Tcp, kClient, kVip, Port{80}, {}, 6}), web);
}

TEST(ServiceFind, TakesTheMarkFromOutsideBeforeItsOwnRules) {
  Services s;
  s.table.set_marks(
      {{.mark = 5, .family = {}, .vip = {}, .protocol = {}, .ports = {}, .source = {}}});
  EXPECT_EQ(s.table.mark_of({Protocol::Tcp, kClient, kVip, Port{80}, {}, 0}), 5u);
  EXPECT_EQ(s.table.mark_of({Protocol::Tcp, kClient, kVip, Port{80}, {}, 7}), 7u);
}

TEST(ServiceFind, MarksWhatAgreesWithAllOfARule) {
  Services s;
  const MarkRule rule{.mark = 5,
                      .family = Family::Ipv4,
                      .vip = kVip,
                      .protocol = Protocol::Tcp,
                      .ports = {{Port{80}, Port{80}}, {Port{8000}, Port{8999}}},
                      .source = Prefix{Ipv4Addr(203, 0, 113, 0), 24},
                      .link = {3}};
  s.table.set_marks(
      {rule,
       {.mark = 9, .family = Family::Ipv6, .vip = {}, .protocol = {}, .ports = {}, .source = {}}});
  const ServiceTable::Question matching{Protocol::Tcp, kClient, kVip, Port{80}, {3}, 0};
  EXPECT_EQ(s.table.mark_of(matching), 5u);
  auto other = matching;
  other.port = Port{8999};
  EXPECT_EQ(s.table.mark_of(other), 5u);
  other.port = Port{9000};
  EXPECT_EQ(s.table.mark_of(other), 0u);
  other = matching;
  other.source = Ipv4Addr(203, 0, 114, 5);
  EXPECT_EQ(s.table.mark_of(other), 0u);
  other = matching;
  other.link = {4};
  EXPECT_EQ(s.table.mark_of(other), 0u);
  other = matching;
  other.protocol = Protocol::Udp;
  EXPECT_EQ(s.table.mark_of(other), 0u);
  other = matching;
  other.destination = Ipv4Addr(10, 0, 0, 2);
  EXPECT_EQ(s.table.mark_of(other), 0u);
  EXPECT_EQ(s.table.mark_of({Protocol::Tcp, test::ipv6(5), kVip6, Port{80}, {3}, 0}), 9u)
      << "the first that matches";
}

TEST(ServiceFind, TellsFamiliesApart) {
  Services s;
  EXPECT_TRUE(s.table.is_empty(Family::Ipv4) && s.table.is_empty(Family::Ipv6));
  const ServiceId web = s.add({Protocol::Tcp, kVip6, Port{80}});
  EXPECT_EQ(s.tcp(80, kVip6), web);
  EXPECT_TRUE(s.table.is_empty(Family::Ipv4));
  EXPECT_FALSE(s.table.is_empty(Family::Ipv6));
  const ServiceId marked = s.add(ServiceKey::of_mark(1, Family::Ipv4));
  EXPECT_FALSE(s.table.is_empty(Family::Ipv4)) << "a mark's service counts";
  EXPECT_EQ(s.table.find({Protocol::Udp, kClient, kVip, Port{9}, {}, 1}), marked);
  ASSERT_TRUE(s.table.remove(ServiceKey::of_mark(1, Family::Ipv4), test::kNow));
  EXPECT_TRUE(s.table.is_empty(Family::Ipv4));
}

TEST(ServiceFind, KnowsTheAddressesOfItsServices) {
  Services s;
  s.add({Protocol::Tcp, kVip, Port{80}});
  s.add({Protocol::Tcp, kVip6, Port{443}});
  EXPECT_TRUE(s.table.has_vip(Protocol::Tcp, kVip));
  EXPECT_TRUE(s.table.has_vip(Protocol::Tcp, kVip6));
  EXPECT_FALSE(s.table.has_vip(Protocol::Udp, kVip));
  EXPECT_FALSE(s.table.has_vip(Protocol::Tcp, Ipv4Addr(10, 0, 0, 2)));
}

TEST(ServiceFind, FindsEachOfThousands) {
  Services s;
  for (std::uint16_t port = 1; port <= 512; ++port)
    ASSERT_EQ(s.add({Protocol::Tcp, kVip, Port{port}}).number, port);
  for (std::uint16_t port = 1; port <= 512; ++port) EXPECT_EQ(s.tcp(port)->number, port);
}

}  // namespace
}  // namespace lvs::director
