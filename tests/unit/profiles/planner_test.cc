#include "profiles/core/planner.h"

#include <gtest/gtest.h>

#include "tests/support/dr_cluster.h"
#include "tests/support/fake_kernel.h"

namespace lvs::profiles {
namespace {

using test::FakeHost;
using test::FakeKernel;

constexpr Ipv4Addr kRip{192, 168, 1, 91};
constexpr Ipv4Addr kDip{192, 168, 1, 90};

Desired server_wishes() {
  const Profile profile = test::dr_profile();
  return desire(profile, *profile.host("rs1"), Role::RealServer, {});
}
Desired director_wishes() {
  const Profile profile = test::dr_profile();
  return desire(profile, *profile.host("lb1"), Role::Director, {});
}

class PlannerOnServer : public testing::Test {
 protected:
  FakeKernel kernel{test::fresh_host(kRip)};
  FakeHost host{kernel, server_wishes()};

  std::vector<std::string> planned() {
    std::vector<std::string> lines;
    for (const PlannedStep& step : host.plan().steps) lines.push_back(diff_text(step.step));
    return lines;
  }
};

TEST_F(PlannerOnServer, MakesTheSafeStateFirst) {
  const Plan plan = host.plan();
  ASSERT_GE(plan.steps.size(), 8U);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_TRUE(std::holds_alternative<SetSysctl>(plan.steps[i].step)) << i;
  EXPECT_TRUE(std::holds_alternative<ReadBackEffective>(plan.steps[6].step));
  EXPECT_TRUE(std::holds_alternative<ReadBackEffective>(plan.steps[7].step));
  EXPECT_EQ(diff_text(plan.steps[8].step), "192.168.1.99/32 on lo (label lo:0, scope host)");
  EXPECT_TRUE(std::holds_alternative<AddRoute>(plan.steps[9].step));
  EXPECT_TRUE(std::holds_alternative<ArpProbe>(plan.steps.back().step));
}

TEST_F(PlannerOnServer, FindsNothingToDoAfterAnApply) {
  ASSERT_TRUE(host.run());
  const int changes = kernel.changes;
  EXPECT_TRUE(host.plan().in_sync());
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.changes, changes);
}

TEST_F(PlannerOnServer, AcceptsWhatIsStrictEnough) {
  for (const char* link : {"all", "eth0", "lo"})
    kernel.now.sysctls[conf_key(link, "arp_ignore")] = "2";
  for (const std::string& line : planned())
    EXPECT_EQ(line.find("arp_ignore: "), std::string::npos) << line;
}

TEST_F(PlannerOnServer, DoesNotTakeAHigherArpIgnoreForStricter) {
  kernel.now.sysctls[conf_key("eth0", "arp_ignore")] = "3";
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.sysctls[conf_key("eth0", "arp_ignore")], "1");
}

TEST_F(PlannerOnServer, RefusesAnOverrideThatWouldClaimTheVip) {
  Profile profile = test::dr_profile();
  for (const char* link : {"all", "eth0"})
    profile.hosts[1].sysctl[conf_key(link, "arp_ignore")] = "0";
  host.want(desire(profile, *profile.host("rs1"), Role::RealServer, {}));
  const Plan plan = host.plan();
  ASSERT_EQ(plan.conflicts.size(), 1U);
  EXPECT_EQ(plan.conflicts[0].rfind("effective arp_ignore on eth0 is 0", 0), 0U);
}

TEST_F(PlannerOnServer, NamesTheInterfacesThatExist) {
  kernel.now.links = {"lo", "ens3"};
  const Plan plan = host.plan();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(plan.conflicts, std::vector<std::string>{"interface eth0 of host rs1 does not exist; "
                                                     "there are: lo, ens3"});
}

TEST_F(PlannerOnServer, WantsTheHostsAddressToBeThere) {
  kernel.now.addresses.pop_back();
  const Plan plan = host.plan();
  ASSERT_EQ(plan.conflicts.size(), 1U);
  EXPECT_EQ(plan.conflicts[0].rfind("address 192.168.1.91/24 of host rs1 is not on eth0", 0), 0U);
}

TEST_F(PlannerOnServer, TakesTheLowestFreeLabel) {
  kernel.now.addresses.push_back({"lo", Ipv4Addr{10, 0, 0, 1}, 32, kScopeGlobal, "lo:0", 0});
  kernel.now.addresses.push_back({"lo", Ipv4Addr{10, 0, 0, 2}, 32, kScopeGlobal, "lo:2", 0});
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.addresses.back().label, "lo:1");
}

TEST_F(PlannerOnServer, KeepsTheLabelOfTheJournal) {
  ASSERT_TRUE(host.run());
  kernel.now.addresses.back() = {"lo", Ipv4Addr{10, 0, 0, 1}, 32, kScopeGlobal, "lo:1", 0};
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.addresses.back().label, "lo:0");
  EXPECT_EQ(host.file.read().entries().size(), 8U);
}

TEST_F(PlannerOnServer, AdoptsAnAddressThatIsThere) {
  const AddressFact foreign{"lo", test::kVip, 32, kScopeHost, "lo:mine", 0};
  kernel.now.addresses.push_back(foreign);
  EXPECT_EQ(host.plan().adopted.size(), 1U);
  ASSERT_TRUE(host.run());
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now.addresses.back(), foreign);
}

TEST_F(PlannerOnServer, RefusesTheVipOnAnotherLink) {
  kernel.now.addresses.push_back({"eth0", test::kVip, 24, kScopeGlobal, "eth0", 0});
  const Plan plan = host.plan();
  ASSERT_EQ(plan.conflicts.size(), 1U);
  EXPECT_EQ(plan.conflicts[0],
            "192.168.1.99/24 on eth0 (scope global) is there already, the profile wants "
            "192.168.1.99/32 on lo with scope host");
}

TEST_F(PlannerOnServer, RefusesAnotherRouteToTheVip) {
  RouteFact foreign;
  foreign.destination = Prefix{test::kVip, 32};
  foreign.link = "eth0";
  kernel.now.routes.push_back(foreign);
  EXPECT_EQ(host.plan().conflicts.size(), 1U);
}

TEST_F(PlannerOnServer, RemovesWhatTheProfileNoLongerAsksFor) {
  Profile profile = test::dr_profile();
  profile.services[0].vips.emplace_back(Ipv4Addr{192, 168, 1, 98});
  host.want(desire(profile, *profile.host("rs1"), Role::RealServer, {}));
  ASSERT_TRUE(host.run());
  host.want(server_wishes());
  ASSERT_TRUE(host.run());
  FakeKernel fresh{test::fresh_host(kRip)};
  FakeHost directly{fresh, server_wishes()};
  ASSERT_TRUE(directly.run());
  EXPECT_EQ(kernel.now.addresses.size(), fresh.now.addresses.size());
  EXPECT_EQ(kernel.now.routes.size(), fresh.now.routes.size());
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, test::fresh_host(kRip));
}

TEST_F(PlannerOnServer, MovesTheVipWhenItsScopeChanges) {
  ASSERT_TRUE(host.run());
  Profile profile = test::dr_profile();
  profile.hosts[1].scope = VipScope::Global;
  host.want(desire(profile, *profile.host("rs1"), Role::RealServer, {}));
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.addresses.back().scope, kScopeGlobal);
  EXPECT_EQ(kernel.now.addresses.back().label, "lo:0");
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, test::fresh_host(kRip));
}

class PlannerOnDirector : public testing::Test {
 protected:
  FakeKernel kernel{test::fresh_host(kDip)};
  FakeHost host{kernel, director_wishes()};
};

TEST_F(PlannerOnDirector, WithholdsBeforeTheVipIsThere) {
  const Plan plan = host.plan();
  EXPECT_TRUE(std::holds_alternative<AddWithholding>(plan.steps.front().step));
  EXPECT_TRUE(std::holds_alternative<Announce>(plan.steps.back().step));
}

TEST_F(PlannerOnDirector, OpensLoForWhatIsGivenBack) {
  kernel.now.sysctls[conf_key("all", "rp_filter")] = "1";
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.sysctls[conf_key("lo", "rp_filter")], "2");
  EXPECT_EQ(kernel.now.sysctls[conf_key("all", "rp_filter")], "1");
  ASSERT_TRUE(host.run());
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now.sysctls[conf_key("lo", "rp_filter")], "0");
}

TEST_F(PlannerOnDirector, ReportsAnArpIgnoreThatWouldHideTheVip) {
  kernel.now.sysctls[conf_key("all", "arp_ignore")] = "8";
  const Plan plan = host.plan();
  ASSERT_EQ(plan.conflicts.size(), 1U);
  EXPECT_EQ(plan.conflicts[0].rfind("effective arp_ignore on eth0 is 8", 0), 0U);
}

TEST_F(PlannerOnDirector, LabelsTheVipByItsNic) {
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.addresses.back().label, "eth0:0");
}

TEST_F(PlannerOnDirector, LeavesALabelOutThatWouldBeTooLong) {
  Profile profile = test::dr_profile();
  profile.hosts[0].nics[0].name = "enp0s31f6.4000";
  kernel.now.links.emplace_back("enp0s31f6.4000");
  kernel.now.addresses.push_back({"enp0s31f6.4000", kDip, 24, kScopeGlobal, "enp0s31f6.4000", 0});
  for (const char* name : {"arp_ignore", "send_redirects"})
    kernel.now.sysctls[conf_key("enp0s31f6.4000", name)] = "0";
  host.want(desire(profile, *profile.host("lb1"), Role::Director, {}));
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.addresses.back().label, "enp0s31f6.4000");
}

TEST_F(PlannerOnDirector, ChangesItsTableInOneTransaction) {
  ASSERT_TRUE(host.run());
  Profile profile = test::dr_profile();
  profile.services[0].ports.push_back({Port{443}, Port{443}});
  host.want(desire(profile, *profile.host("lb1"), Role::Director, {}));
  const Plan plan = host.plan();
  ASSERT_TRUE(std::holds_alternative<ReplaceWithholding>(plan.steps.at(0).step));
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.withholdings.at(0).services.size(), 2U);
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, test::fresh_host(kDip));
}

TEST_F(PlannerOnDirector, RefusesAForeignTableOfItsName) {
  Withholding foreign;
  foreign.table = "lvskit_web";
  kernel.now.withholdings = {foreign};
  EXPECT_EQ(host.plan().conflicts.size(), 1U);
}

}  // namespace
}  // namespace lvs::profiles
