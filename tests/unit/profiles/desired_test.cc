#include "profiles/core/desired.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/dr_cluster.h"

namespace lvs::profiles {
namespace {

/// Where in the list the first wish of this kind stands; the list's size when there is none.
template <typename W>
std::size_t first_of(const Desired& desired) {
  const auto found = std::find_if(desired.wishes.begin(), desired.wishes.end(),
                                  [](const Wish& wish) { return std::holds_alternative<W>(wish); });
  return static_cast<std::size_t>(found - desired.wishes.begin());
}

template <typename W>
std::vector<W> all_of(const Desired& desired) {
  std::vector<W> found;
  for (const Wish& wish : desired.wishes)
    if (const W* match = std::get_if<W>(&wish)) found.push_back(*match);
  return found;
}

Desired desire_of(const Profile& profile, const char* host, Role role) {
  return desire(profile, *profile.host(host), role, {});
}

TEST(DesireRealServer, PutsArpSettingsBeforeTheAddress) {
  const Desired desired = desire_of(test::dr_profile(), "rs1", Role::RealServer);
  EXPECT_LT(first_of<SysctlWish>(desired), first_of<AddressWish>(desired));
  EXPECT_LT(first_of<EffectiveWish>(desired), first_of<AddressWish>(desired));
  EXPECT_LT(first_of<AddressWish>(desired), first_of<RouteWish>(desired));
  EXPECT_TRUE(std::holds_alternative<ArpProbe>(std::get<ProofWish>(desired.wishes.back()).step));
}

TEST(DesireRealServer, SetsAllTheNicAndLo) {
  std::vector<std::string> keys;
  for (const SysctlWish& wish :
       all_of<SysctlWish>(desire_of(test::dr_profile(), "rs1", Role::RealServer)))
    keys.push_back(wish.key + "=" + wish.value);
  EXPECT_EQ(keys, (std::vector<std::string>{
                      "net/ipv4/conf/all/arp_announce=2", "net/ipv4/conf/eth0/arp_announce=2",
                      "net/ipv4/conf/lo/arp_announce=2", "net/ipv4/conf/all/arp_ignore=1",
                      "net/ipv4/conf/eth0/arp_ignore=1", "net/ipv4/conf/lo/arp_ignore=1"}));
}

TEST(DesireRealServer, PutsTheVipOnLoWithScopeHost) {
  const auto addresses =
      all_of<AddressWish>(desire_of(test::dr_profile(), "rs1", Role::RealServer));
  ASSERT_EQ(addresses.size(), 1U);
  EXPECT_EQ(addresses[0].link, "lo");
  EXPECT_EQ(addresses[0].addr, IpAddr{test::kVip});
  EXPECT_EQ(addresses[0].scope, kScopeHost);
}

TEST(DesireRealServer, TakesTheScopeThatTheProfileSays) {
  Profile profile = test::dr_profile();
  profile.hosts[1].scope = VipScope::Global;
  EXPECT_EQ(all_of<AddressWish>(desire_of(profile, "rs1", Role::RealServer)).at(0).scope,
            kScopeGlobal);
}

TEST(DesireRealServer, WantsNothingOnADirectorThatServesItself) {
  Profile profile = test::dr_profile();
  profile.services[0].servers.push_back(test::server_on("lb1"));
  const Desired desired = desire_of(profile, "lb1", Role::RealServer);
  EXPECT_TRUE(desired.wishes.empty());
  EXPECT_EQ(desired.notes.size(), 1U);
}

TEST(DesireRealServer, ShowsAnOverride) {
  Profile profile = test::dr_profile();
  profile.hosts[1].sysctl["net/ipv4/conf/all/arp_ignore"] = "2";
  profile.hosts[1].sysctl["net/ipv4/tcp_ecn"] = "1";
  const Desired desired = desire_of(profile, "rs1", Role::RealServer);
  ASSERT_EQ(desired.notes.size(), 1U);
  EXPECT_EQ(desired.notes[0],
            "net.ipv4.conf.all.arp_ignore = 2: the profile overrides the derived 1");
  const auto wishes = all_of<SysctlWish>(desired);
  EXPECT_EQ(wishes.back().key, "net/ipv4/tcp_ecn");
  EXPECT_EQ(wishes.back().accepted, std::vector<std::string>{"1"});
}

TEST(DesireDirector, WithholdsFirstAndAnnouncesLast) {
  const Desired desired = desire_of(test::dr_profile(), "lb1", Role::Director);
  EXPECT_EQ(first_of<WithholdingWish>(desired), 0U);
  EXPECT_TRUE(std::holds_alternative<Announce>(std::get<ProofWish>(desired.wishes.back()).step));
}

TEST(DesireDirector, WithholdsTheServicesAndFragmentsOnTheVipsNic) {
  const auto tables = all_of<WithholdingWish>(desire_of(test::dr_profile(), "lb1", Role::Director));
  ASSERT_EQ(tables.size(), 1U);
  const Withholding& table = tables[0].object;
  EXPECT_EQ(table.table, "lvskit_web");
  EXPECT_EQ(table.services, (std::vector<WithheldService>{{Protocol::Tcp, test::kVip, Port{80}}}));
  EXPECT_EQ(table.fragments_to, std::vector<IpAddr>{test::kVip});
  EXPECT_EQ(table.links, std::vector<std::string>{"eth0"});
}

TEST(DesireDirector, LeavesVipsToVrrp) {
  Profile profile = test::dr_profile();
  profile.vrrp.emplace().id = 51;
  const Desired desired = desire_of(profile, "lb1", Role::Director);
  EXPECT_TRUE(all_of<AddressWish>(desired).empty());
  EXPECT_EQ(all_of<WithholdingWish>(desired).size(), 1U);
}

TEST(DesireDirector, PutsTheVipOnTheNicWithScopeGlobal) {
  const auto addresses = all_of<AddressWish>(desire_of(test::dr_profile(), "lb1", Role::Director));
  ASSERT_EQ(addresses.size(), 1U);
  EXPECT_EQ(addresses[0].link, "eth0");
  EXPECT_EQ(addresses[0].scope, kScopeGlobal);
}

}  // namespace
}  // namespace lvs::profiles
