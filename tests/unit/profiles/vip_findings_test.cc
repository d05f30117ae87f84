#include "profiles/core/vip_findings.h"

#include <gtest/gtest.h>

namespace lvs::profiles {
namespace {

constexpr Ipv6Addr kVip6{{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99}};
constexpr Ipv6Addr kOther6{{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x98}};

AddressFact vip_on_lo() {
  AddressFact fact;
  fact.link = "lo";
  fact.addr = Ipv4Addr{192, 168, 1, 99};
  return fact;
}

Desired with_route() {
  Desired desired;
  RouteFact route;
  route.link = "lo";
  desired.wishes.emplace_back(RouteWish{route, ""});
  desired.wishes.emplace_back(AddressWish{"lo", Ipv4Addr{192, 168, 1, 99}, kScopeHost, "", false});
  return desired;
}

TEST(VipFindings, AVipWithANetworkMakesTheHostDeaf) {
  Snapshot now;
  now.addresses = {vip_on_lo()};
  EXPECT_TRUE(vip_findings(with_route(), now, {}).empty()) << "/32 is right";
  now.addresses[0].prefix_len = 24;
  const auto found = vip_findings(with_route(), now, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("192.168.1.0/24 is local then"), std::string::npos) << found[0];
}

TEST(VipFindings, AVipAsTheSourceOfOwnPackets) {
  const IpAddr other = Ipv4Addr{192, 168, 1, 1};
  EXPECT_EQ(vip_findings(with_route(), {}, {{other, Ipv4Addr{192, 168, 1, 99}}}).size(), 1U);
  EXPECT_TRUE(vip_findings(with_route(), {}, {{other, Ipv4Addr{192, 168, 1, 91}}}).empty());
}

TEST(VipFindings, WhatHelpsAgainstItDependsOnTheFamily) {
  Desired desired;
  desired.wishes.emplace_back(AddressWish{"lo", kVip6, kScopeHost, "", false});
  const auto found6 = vip_findings(desired, {}, {{kOther6, kVip6}});
  ASSERT_EQ(found6.size(), 1U);
  EXPECT_NE(found6[0].find("preferred lifetime 0 (`preferred_lft 0`) on the VIP"),
            std::string::npos)
      << found6[0];
  const auto found4 =
      vip_findings(with_route(), {}, {{Ipv4Addr{192, 168, 1, 1}, Ipv4Addr{192, 168, 1, 99}}});
  ASSERT_EQ(found4.size(), 1U);
  EXPECT_NE(found4[0].find("scope host on the VIP"), std::string::npos) << found4[0];
}

Profile with_vip6() {
  Profile profile;
  profile.services.emplace_back();
  profile.services[0].vips = {IpAddr{kVip6}};
  return profile;
}

Host director(const std::vector<Prefix>& addresses) {
  Host host;
  host.name = "lb1";
  host.nics.emplace_back();
  host.nics[0].name = "eth0";
  host.nics[0].addresses = addresses;
  return host;
}

TEST(VipFindings, AFailedDetectionNamesHostReasonAndWayOut) {
  const auto found =
      detection_findings(with_vip6(), director({}), {{IpAddr{kVip6}, 128, "eth0", true}});
  ASSERT_EQ(found.size(), 1U);
  for (const char* part :
       {"VIP 2001:db8:1::99 is on eth0 of lb1, but not in use", "dadfailed", "another host",
        "`ip -6 address delete 2001:db8:1::99/128 dev eth0`", "apply again"})
    EXPECT_NE(found[0].find(part), std::string::npos) << part << " is not in " << found[0];
}

TEST(VipFindings, TheHostsOwnAddressIsNotMadeByApply) {
  const Host host = director({Prefix{IpAddr{kVip6}, 64}});
  const auto found = detection_findings(with_vip6(), host, {{IpAddr{kVip6}, 64, "eth0", true}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].ends_with("dev eth0` here and add it again")) << found[0];
}

TEST(VipFindings, ADetectionThatRunsIsTold) {
  const auto found =
      detection_findings(with_vip6(), director({}), {{IpAddr{kVip6}, 128, "eth0", false}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("tentative"), std::string::npos) << found[0];
}

TEST(VipFindings, AddressesThatAreNoVipsAreNotOurs) {
  EXPECT_TRUE(
      detection_findings(with_vip6(), director({}), {{IpAddr{kOther6}, 64, "eth0", true}}).empty());
}

}  // namespace
}  // namespace lvs::profiles
