#include <gtest/gtest.h>

#include <random>

#include "profiles/core/carry_out.h"
#include "tests/support/dr_cluster.h"
#include "tests/support/fake_kernel.h"

// All or nothing, whatever fails and wherever we die.

namespace lvs::profiles {
namespace {

using test::FakeHost;
using test::FakeKernel;

struct Case {
  const char* host = "";
  Role role = Role::RealServer;
  Ipv4Addr address;
};
constexpr Case kCases[] = {{"rs1", Role::RealServer, Ipv4Addr{192, 168, 1, 91}},
                           {"lb1", Role::Director, Ipv4Addr{192, 168, 1, 90}}};

Desired wishes_of(const Case& c, const Profile& profile = test::dr_profile()) {
  return desire(profile, *profile.host(c.host), c.role, {});
}

Snapshot start_of(const Case& c) {
  Snapshot host = test::fresh_host(c.address);
  // Values that are not the default, so that a restored zero is seen.
  host.sysctls[conf_key("eth0", "arp_ignore")] = c.role == Role::RealServer ? "3" : "1";
  host.sysctls[conf_key("eth0", "send_redirects")] = "1";
  host.sysctls[conf_key("all", "rp_filter")] = "1";
  return host;
}

int steps_of(const Case& c) {
  FakeKernel kernel{start_of(c)};
  FakeHost host{kernel, wishes_of(c)};
  return static_cast<int>(host.plan().steps.size());
}

TEST(Apply, PutsEverythingBackWhicheverStepFails) {
  for (const Case& c : kCases) {
    const int steps = steps_of(c);
    ASSERT_GT(steps, 5);
    for (int step = 0; step < steps; ++step) {
      FakeKernel kernel{start_of(c)};
      kernel.fail_at = step;
      FakeHost host{kernel, wishes_of(c)};
      const auto applied = host.run();
      ASSERT_FALSE(applied) << c.host << " step " << step;
      EXPECT_TRUE(applied.error().back.complete());
      EXPECT_EQ(kernel.now, start_of(c)) << c.host << " step " << step;
      EXPECT_TRUE(host.file.read().empty());
    }
  }
}

TEST(Apply, PutsEverythingBackWhenTheJournalCannotBeWritten) {
  for (const Case& c : kCases) {
    FakeKernel counted{start_of(c)};
    FakeHost whole{counted, wishes_of(c)};
    ASSERT_TRUE(whole.run());
    for (int write = 1; write < whole.file.writes; ++write) {
      FakeKernel kernel{start_of(c)};
      FakeHost host{kernel, wishes_of(c)};
      host.file.fail_at = write;
      EXPECT_FALSE(host.run()) << write;
      EXPECT_EQ(kernel.now, start_of(c)) << c.host << " write " << write;
    }
  }
}

/// Dies (throws) at the n-th step, before or after the kernel has done it.
class MortalKernel : public FakeKernel {
 public:
  struct Died {};
  MortalKernel(Snapshot start, int at, bool after)
      : FakeKernel(std::move(start)), at_(at), after_(after) {}
  Result<StepNote> carry_out(const Step& step) override {
    const bool is_time = alive && steps == at_;
    if (is_time && !after_) throw Died{};
    auto note = FakeKernel::carry_out(step);
    if (is_time) throw Died{};
    return note;
  }
  bool alive = true;

 private:
  int at_;
  bool after_;
};

TEST(Apply, IsRolledBackAfterDyingAtAnyStep) {
  for (const Case& c : kCases) {
    for (int at = 0; at < 2 * steps_of(c); ++at) {
      MortalKernel kernel{start_of(c), at / 2, at % 2 == 1};
      FakeHost host{kernel, wishes_of(c)};
      EXPECT_THROW((void)host.run(), MortalKernel::Died);
      kernel.alive = false;
      EXPECT_TRUE(host.file.read().unfinished());
      EXPECT_TRUE(host.recover().complete()) << c.host << " at " << at;
      EXPECT_EQ(kernel.now, start_of(c)) << c.host << " at " << at;
      EXPECT_TRUE(host.run());
      EXPECT_TRUE(host.plan().in_sync());
    }
  }
}

TEST(Apply, RollsBackOnlyItselfWhenItRepairsDrift) {
  const Case& c = kCases[0];
  FakeKernel kernel{start_of(c)};
  FakeHost host{kernel, wishes_of(c)};
  ASSERT_TRUE(host.run());
  kernel.now.sysctls[conf_key("all", "arp_ignore")] = "0";
  kernel.now.routes.clear();
  const Snapshot drifted = kernel.now;
  kernel.fail_at = kernel.steps + 1;
  ASSERT_FALSE(host.run());
  EXPECT_EQ(kernel.now, drifted);
  ASSERT_TRUE(host.run());
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, start_of(c)) << "the first before-image counts, not the drifted value";
}

TEST(Apply, ListsWhatARollBackCouldNotUndoAndTriesAgainLater) {
  const Case& c = kCases[0];
  class Stubborn : public FakeKernel {
   public:
    using FakeKernel::FakeKernel;
    Result<StepNote> carry_out(const Step& step) override {
      if (std::holds_alternative<AddRoute>(step)) refuses_all = true;
      return FakeKernel::carry_out(step);
    }
  };
  Stubborn kernel{start_of(c)};
  FakeHost host{kernel, wishes_of(c)};
  const auto applied = host.run();
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().back.failed.size(), 7U);
  kernel.refuses_all = false;
  EXPECT_TRUE(host.recover().complete());
  EXPECT_EQ(kernel.now, start_of(c));
}

TEST(Apply, ThatWaitsForItsConfirmationIsRolledBackWhole) {
  for (const Case& c : kCases) {
    FakeKernel kernel{start_of(c)};
    FakeHost host{kernel, wishes_of(c)};
    ASSERT_TRUE(host.run_unconfirmed());
    EXPECT_NE(host.file.read().awaiting(), nullptr);
    EXPECT_FALSE(host.file.read().completed());
    EXPECT_TRUE(host.recover().complete());
    EXPECT_EQ(kernel.now, start_of(c)) << c.host;
    EXPECT_FALSE(host.file.read().unfinished());
  }
}

TEST(Revert, LeavesAndListsWhatSomebodyChanged) {
  const Case& c = kCases[0];
  FakeKernel kernel{start_of(c)};
  FakeHost host{kernel, wishes_of(c)};
  ASSERT_TRUE(host.run());
  kernel.now.sysctls[conf_key("all", "arp_announce")] = "1";
  const TakenBack back = host.revert();
  ASSERT_EQ(back.left.size(), 1U);
  EXPECT_EQ(back.left[0],
            "net.ipv4.conf.all.arp_announce is 1, but we had set it to 2 (before: 0)");
  Snapshot expected = start_of(c);
  expected.sysctls[conf_key("all", "arp_announce")] = "1";
  EXPECT_EQ(kernel.now, expected);
  EXPECT_TRUE(host.file.read().empty());
}

TEST(Revert, KeepsTheArpSettingsWhileAVipCannotBeTakenAway) {
  class Sticky : public FakeKernel {
   public:
    using FakeKernel::FakeKernel;
    Result<StepNote> carry_out(const Step& step) override {
      if (sticky && std::holds_alternative<RemoveAddress>(step)) return fail("busy", EBUSY);
      return FakeKernel::carry_out(step);
    }
    bool sticky = true;
  };
  const Case& c = kCases[0];
  Sticky kernel{start_of(c)};
  FakeHost host{kernel, wishes_of(c)};
  ASSERT_TRUE(host.run());
  const TakenBack back = host.revert();
  EXPECT_EQ(back.failed.size(), 7U) << "the address and six settings";
  EXPECT_EQ(*kernel.now.sysctl(conf_key("all", "arp_ignore")), "1");
  EXPECT_EQ(*kernel.now.sysctl(conf_key("all", "arp_announce")), "2");

  kernel.sticky = false;
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, start_of(c));
}

TEST(Revert, DoesNotMindWhatIsGoneAlready) {
  const Case& c = kCases[1];
  FakeKernel kernel{start_of(c)};
  FakeHost host{kernel, wishes_of(c)};
  ASSERT_TRUE(host.run());
  kernel.now.routes.clear();
  kernel.now.withholdings.clear();
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, start_of(c));
}

TEST(TwoProfiles, RestoreWhatBothWantWhenTheLastGoes) {
  const Case& c = kCases[0];
  for (const bool first_goes_first : {true, false}) {
    FakeKernel kernel{start_of(c)};
    Profile other = test::dr_profile();
    other.name = "shop";
    FakeHost web{kernel, wishes_of(c)};
    FakeHost shop{kernel, wishes_of(c, other)};
    ASSERT_TRUE(web.run());
    const Snapshot applied = kernel.now;
    shop.others = {web.file.read()};
    ASSERT_TRUE(shop.run());
    EXPECT_EQ(kernel.now, applied);
    FakeHost& first = first_goes_first ? web : shop;
    FakeHost& last = first_goes_first ? shop : web;
    first.others = {last.file.read()};
    EXPECT_TRUE(first.revert().complete());
    EXPECT_EQ(kernel.now, applied) << "still wanted by the other";
    last.others = {first.file.read()};
    EXPECT_TRUE(last.revert().complete());
    EXPECT_EQ(kernel.now, start_of(c));
  }
}

TEST(TwoProfiles, ThatContradictEachOtherAreRefused) {
  const Case& c = kCases[0];
  FakeKernel kernel{start_of(c)};
  FakeHost web{kernel, wishes_of(c)};
  ASSERT_TRUE(web.run());
  Profile other = test::dr_profile();
  other.name = "shop";
  other.hosts[1].sysctl[conf_key("all", "arp_announce")] = "1";
  FakeHost shop{kernel, wishes_of(c, other)};
  shop.others = {web.file.read()};
  const Plan plan = shop.plan();
  ASSERT_EQ(plan.contradictions.size(), 1U);
  EXPECT_EQ(plan.contradictions[0],
            "profile shop wants net.ipv4.conf.all.arp_announce = 1, but profile web, which is "
            "applied here, wants 2");
}

TEST(TwoProfiles, AgreeOnAValueThatBothAccept) {
  const Case& c = kCases[0];
  FakeKernel kernel{start_of(c)};
  Profile strict = test::dr_profile();
  strict.name = "strict";
  strict.hosts[1].sysctl[conf_key("all", "arp_ignore")] = "2";
  FakeHost first{kernel, wishes_of(c, strict)};
  ASSERT_TRUE(first.run());
  FakeHost second{kernel, wishes_of(c)};
  second.others = {first.file.read()};
  EXPECT_TRUE(second.plan().contradictions.empty());
  ASSERT_TRUE(second.run());
  EXPECT_EQ(kernel.now.sysctls[conf_key("all", "arp_ignore")], "2");
}

/// A host with random values and random objects of others, some of them in our way.
Snapshot random_host(const Case& c, std::mt19937& random) {
  Snapshot host = test::fresh_host(c.address);
  const auto below = [&](unsigned limit) { return static_cast<std::uint8_t>(random() % limit); };
  for (auto& [key, value] : host.sysctls) value = std::to_string(below(4));
  const char* const links[] = {"lo", "eth0"};
  for (unsigned i = below(4); i > 0; --i) {
    const Ipv4Addr addr = below(6) == 0 ? test::kVip : Ipv4Addr{10, 0, below(3), below(3)};
    const std::string link = links[below(2)];
    host.addresses.push_back({link, addr, 32, below(2) == 0 ? kScopeHost : kScopeGlobal,
                              link + ":" + std::to_string(below(3)), below(80)});
  }
  for (unsigned i = below(3); i > 0; --i) {
    RouteFact route;
    route.destination = Prefix{below(6) == 0 ? test::kVip : Ipv4Addr{10, 1, 0, below(3)}, 32};
    route.link = links[below(2)];
    route.protocol = below(80);
    route.metric = below(2);
    host.routes.push_back(route);
  }
  if (below(3) == 0) {
    Withholding table;
    table.table = below(2) == 0 ? "lvskit_web" : "lvskit_other";
    host.withholdings.push_back(table);
  }
  return host;
}

TEST(Property, RevertGivesBackAnyHostThatApplyTook) {
  // NOLINTNEXTLINE(cert-msc32-c,cert-msc51-cpp): the same hosts in every run
  std::mt19937 random(20260101);
  int taken = 0;
  for (int round = 0; round < 3000; ++round) {
    const Case& c = kCases[round % 2];
    const Snapshot before = random_host(c, random);
    FakeKernel kernel{before};
    FakeHost host{kernel, wishes_of(c)};
    const Plan plan = host.plan();
    if (!plan.conflicts.empty()) continue;
    ++taken;
    ASSERT_TRUE(host.run()) << round;
    ASSERT_TRUE(host.plan().in_sync()) << round;
    ASSERT_TRUE(host.revert().complete()) << round;
    ASSERT_EQ(kernel.now, before) << round;
  }
  EXPECT_GT(taken, 500);
}

}  // namespace
}  // namespace lvs::profiles
