#include "profiles/core/managers.h"

#include <gtest/gtest.h>

// What is said of the managers; that it is true is seen by tests/systemd/managers.

namespace lvs::profiles {
namespace {

constexpr Ipv4Addr kVip{192, 168, 1, 99};

Desired vip_on(const std::string& link) {
  Desired desired;
  RouteFact route;
  route.link = link;
  desired.wishes.emplace_back(RouteWish{route, ""});
  desired.wishes.emplace_back(AddressWish{link, kVip, kScopeHost, "", false});
  return desired;
}

Desired accepting(Hook hook) {
  Desired desired;
  AcceptWish wish;
  wish.hook = hook;
  desired.wishes.emplace_back(wish);
  return desired;
}

std::string said_of(Manager manager, const Desired& desired) {
  const auto notes = advice({{manager, "process 7"}}, desired);
  return notes.empty() ? "" : notes[0];
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Managers, NetworkdIsToldOfWhatIsOnItsNics) {
  EXPECT_TRUE(has(said_of(Manager::Networkd, vip_on("eth0")), "export --format networkd"));
  EXPECT_FALSE(has(said_of(Manager::Networkd, vip_on("eth0")), "ManageForeignRoutes"))
      << "it does not help";
  EXPECT_EQ(said_of(Manager::Networkd, vip_on("lo")), "") << "it never touches lo";
}

TEST(Managers, NetworkManagerIsToldToLeaveLoAndTunnelsAlone) {
  const std::string nic = said_of(Manager::NetworkManager, vip_on("eth0"));
  EXPECT_TRUE(has(nic, "when it activates or reapplies a connection")) << nic;
  EXPECT_FALSE(has(nic, "unmanaged-devices")) << nic;
  Desired tunnel = vip_on("lo");
  TunnelFact fact;
  fact.link = "lvs4-x";
  tunnel.wishes.emplace_back(ObjectWish<TunnelFact>{fact, ""});
  const std::string lo = said_of(Manager::NetworkManager, tunnel);
  EXPECT_TRUE(has(lo, "`unmanaged-devices=interface-name:lo;interface-name:lvs4-x`")) << lo;
  EXPECT_FALSE(has(lo, "activates")) << lo;
}

TEST(Managers, FirewallsConcernOnlyWhoNeedsARule) {
  for (const Manager one : {Manager::Firewalld, Manager::Ufw, Manager::Docker, Manager::Nftables})
    EXPECT_EQ(said_of(one, vip_on("lo")), "") << to_string(one);
  for (const Manager one : {Manager::Firewalld, Manager::Ufw, Manager::Nftables})
    EXPECT_NE(said_of(one, accepting(Hook::Input)), "") << to_string(one);
  EXPECT_EQ(said_of(Manager::Docker, accepting(Hook::Input)), "") << "nothing is forwarded here";
  EXPECT_NE(said_of(Manager::Docker, accepting(Hook::Forward)), "");
  EXPECT_TRUE(has(said_of(Manager::Ufw, accepting(Hook::Input)), "MANAGE_BUILTINS=yes"));
}

TEST(Managers, TheLikeliestIsNamedBesideWhatIsMissing) {
  EXPECT_EQ(suspect({{Manager::Networkd, "process 7"}}, Add<RouteFact>{}),
            "; systemd-networkd (process 7) probably took it away");
  EXPECT_EQ(suspect({}, Add<RouteFact>{}), "");
  EXPECT_TRUE(has(suspect({}, Add<Withholding>{}), "flush ruleset"));
  EXPECT_TRUE(has(suspect({{Manager::Docker, "process 8"}}, Add<ForeignRule>{}),
                  "docker (process 8) probably made it necessary"));
}

TEST(Managers, NobodyButAFlushTakesATableOfOurs) {
  const std::string said = suspect({{Manager::Firewalld, "process 9"}}, Add<OwnTable>{});
  EXPECT_FALSE(has(said, "process 9")) << said;
  EXPECT_TRUE(has(said, "flush ruleset")) << said;
}

}  // namespace
}  // namespace lvs::profiles
