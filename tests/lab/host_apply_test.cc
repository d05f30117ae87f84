#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "net/base/sysctl_name.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "profiles/host/apply.h"
#include "profiles/host/host_part.h"
#include "tests/lab/fault.h"
#include "tests/lab/host_ground.h"
#include "tests/lab/role_profiles.h"

// The host part on a real kernel: what was there before must be there after, whoever else has
// objects there and wherever we are killed.

namespace lvs::host {
namespace {

using profiles::Role;
using test::Fault;
using test::FaultyKernel;
using test::HostGround;
using Ran = HostGround::Ran;

class HostLab : public testing::TestWithParam<Role> {
 protected:
  void SetUp() override {
    ground = HostGround::make_from(test::kWeb, is_director() ? "lb1" : "rs1");
    if (!ground) GTEST_SKIP() << "needs the right to make network namespaces";
    ground->options().host.reset();  // it is found by its address
    // A machine's own settings go over into new namespaces.
    ASSERT_TRUE(ground->shell(
        "for k in arp_ignore arp_announce rp_filter send_redirects; do "
        "for i in all default lo eth0; do echo 0 > /proc/sys/net/ipv4/conf/$i/$k; done; done"));
  }

  /// Objects of others of each kind, some of them close to ours.
  bool plant_foreign() {
    return ground->shell(
        "ip addr add 10.9.9.9/32 dev lo label lo:0 && ip addr add 10.9.9.8/32 dev eth0 label "
        "eth0:0 && ip route add 10.8.0.0/16 dev eth0 proto 99 && "
        "ip route add 192.168.1.99/32 dev lo proto 99 metric 7 && "
        "nft 'add table inet foreign; add chain inet foreign c { type filter hook input priority "
        "0; }; add rule inet foreign c counter' && "
        "nft 'add table netdev foreign; add chain netdev foreign c { type filter hook ingress "
        "device eth0 priority 0; }; add rule netdev foreign c counter' && "
        "echo 1 > /proc/sys/net/ipv4/conf/eth0/send_redirects && "
        "echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter && "
        "echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_announce");
  }

  static bool is_director() { return GetParam() == Role::Director; }
  const HostOptions& options() const { return ground->options(); }
  Ran run(HostGround::Command command) const { return ground->run(command); }
  std::string dump() const { return ground->dump(); }
  bool sysctl(const std::string& key, const std::string& value) const {
    return ground->netns().run([&] { return linux_net::write_sysctl(key, value).has_value(); });
  }

  std::unique_ptr<HostGround> ground;
};

INSTANTIATE_TEST_SUITE_P(BothRoles, HostLab, testing::Values(Role::RealServer, Role::Director),
                         [](const auto& instance) {
                           return instance.param == Role::Director ? "Director" : "RealServer";
                         });

TEST_P(HostLab, GivesTheHostBackAsItWas) {
  ASSERT_TRUE(plant_foreign());
  const std::string before = dump();
  ASSERT_EQ(before.find("\n!"), std::string::npos) << before;

  EXPECT_EQ(run(plan).status, ExitStatus::Differs);
  EXPECT_EQ(dump(), before) << "plan changes nothing";
  Ran ran = run(apply_profile);
  ASSERT_EQ(ran.status, ExitStatus::Ok) << ran.out << ran.err;
  EXPECT_NE(dump(), before);
  ran = run(check);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.out << ran.err;

  const bool director = is_director();
  const std::string key =
      std::string("net/ipv4/conf/eth0/") + (director ? "send_redirects" : "arp_ignore");
  ASSERT_TRUE(sysctl(key, director ? "1" : "3"));
  ran = run(check);
  EXPECT_EQ(ran.status, ExitStatus::Differs);
  EXPECT_NE(ran.out.find(dotted(key) + " is " + (director ? "1" : "3")), std::string::npos)
      << ran.out;
  EXPECT_EQ(run(apply_profile).status, ExitStatus::Ok);
  EXPECT_EQ(run(check).status, ExitStatus::Ok);

  ran = run(revert);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.out << ran.err;
  EXPECT_EQ(dump(), before);
  EXPECT_EQ(run(revert).status, ExitStatus::Ok);
}

TEST_P(HostLab, WritesNothingTheSecondTime) {
  auto events = ground->netns().run([] { return linux_net::RouteEvents::open(); });
  ASSERT_TRUE(events);
  ASSERT_EQ(run(apply_profile).status, ExitStatus::Ok);
  const auto first = events->pending();
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->empty()) << "control: the first apply is seen";
  const std::string journal_before = dump();
  const Ran ran = run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Ok);
  EXPECT_NE(ran.out.find("nothing was written"), std::string::npos) << ran.out;
  const auto second = events->pending();
  ASSERT_TRUE(second);
  for (const linux_net::RouteEvent& event : *second)
    EXPECT_FALSE(std::holds_alternative<linux_net::AddressChanged>(event) ||
                 std::holds_alternative<linux_net::RouteChanged>(event));
  EXPECT_EQ(dump(), journal_before);
}

/// Applies in a child that dies there; false when it reached the end alive.
bool killed_while_applying(const HostOptions& options, Fault fault) {
  const pid_t child = fork();
  if (child == 0) {
    auto loaded = load_host(options);
    auto kernel = profiles::LinuxKernel::open();
    if (!loaded || !kernel) _exit(9);
    FaultyKernel deadly(std::move(*kernel), fault);
    std::ostringstream quiet;
    const auto applied = apply_on(**loaded, options, Purpose::Stay, {deadly}, quiet);
    _exit(applied ? 0 : 8);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << status;
  return WIFSIGNALED(status);
}

TEST_P(HostLab, IsPutBackAfterBeingKilledAnywhere) {
  ASSERT_TRUE(plant_foreign());
  const std::string before = dump();
  int killed = 0;
  for (int at = 0;; ++at) {
    const Fault fault{at % 2 == 1 ? Fault::Kind::DiesAfterStep : Fault::Kind::DiesBeforeStep,
                      at / 2};
    const bool died = ground->netns().run([&] { return killed_while_applying(options(), fault); });
    if (!died) break;
    ++killed;
    // By turns: what takes it back at once, and what first makes it whole.
    if (at % 4 >= 2) {
      const Ran looked = run(check);
      EXPECT_EQ(looked.status, ExitStatus::Differs) << at << looked.out;
      EXPECT_EQ(run(apply_profile).status, ExitStatus::Ok) << at;
      EXPECT_EQ(run(check).status, ExitStatus::Ok) << at;
    }
    const Ran ran = run(revert);
    ASSERT_EQ(ran.status, ExitStatus::Ok) << at << ran.out << ran.err;
    ASSERT_EQ(dump(), before) << "killed at " << at;
  }
  EXPECT_GE(killed, 10);
  EXPECT_EQ(run(revert).status, ExitStatus::Ok);
  EXPECT_EQ(dump(), before);
}

TEST_P(HostLab, LeavesWhatItAdopted) {
  const bool director = is_director();
  ASSERT_TRUE(ground->shell(
      director ? "ip addr add 192.168.1.99/32 dev eth0 && ip route add 192.168.1.99 dev "
                 "eth0 proto 99"
               : "ip addr add 192.168.1.99/32 dev lo scope host && ip route add "
                 "192.168.1.99 dev lo proto 99"));
  const std::string before = dump();
  const Ran ran = run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.err;
  EXPECT_NE(ran.out.find("is not ours and stays at revert"), std::string::npos) << ran.out;
  EXPECT_EQ(run(check).status, ExitStatus::Ok);
  EXPECT_EQ(run(revert).status, ExitStatus::Ok);
  EXPECT_EQ(dump(), before);
}

TEST_P(HostLab, RefusesTheVipElsewhereAndTouchesNothing) {
  ASSERT_TRUE(ground->shell(
      "ip link add other type veth peer name away && ip addr add 192.168.1.99/24 dev other"));
  const std::string before = dump();
  const Ran ran = run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Failed);
  EXPECT_NE(ran.err.find("192.168.1.99/24 on other"), std::string::npos) << ran.err;
  EXPECT_EQ(dump(), before);
}

TEST_P(HostLab, LeavesAndListsWhatSomebodyChanged) {
  ASSERT_EQ(run(apply_profile).status, ExitStatus::Ok);
  if (is_director()) {
    ASSERT_TRUE(
        ground->shell("ip addr del 192.168.1.99/32 dev eth0 label eth0:0 && "
                      "ip addr add 192.168.1.99/32 dev eth0"));
  } else {
    ASSERT_TRUE(sysctl("net/ipv4/conf/all/arp_announce", "1"));
  }
  const Ran ran = run(revert);
  EXPECT_EQ(ran.status, ExitStatus::Incomplete) << ran.out;
  EXPECT_NE(ran.err.find("changed by somebody after us"), std::string::npos) << ran.err;
  EXPECT_EQ(run(revert).status, ExitStatus::Ok) << "told once, then it is no longer ours";
}

TEST_P(HostLab, NeedsTheRightAndTouchesNothing) {
  std::filesystem::permissions(ground->folder(), std::filesystem::perms::all);
  const std::string before = dump();
  const int status = ground->netns().run([&] {
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(65534) != 0 || setuid(65534) != 0) _exit(99);
      std::ostringstream out;
      std::ostringstream err;
      const ExitStatus got = apply_profile(options(), out, err);
      _exit(err.str().find("CAP_NET_ADMIN") == std::string::npos ? 98 : static_cast<int>(got));
    }
    int waited = 0;
    waitpid(child, &waited, 0);
    return WEXITSTATUS(waited);
  });
  EXPECT_EQ(status, static_cast<int>(ExitStatus::NoPermission));
  EXPECT_EQ(dump(), before);
}

TEST_P(HostLab, NamesTheLinksWhenOneIsMissing) {
  ASSERT_TRUE(ground->shell("ip link set eth0 down && ip link set eth0 name ens7"));
  ground->options().host = is_director() ? "lb1" : "rs1";
  const Ran ran = run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Failed);
  EXPECT_NE(ran.err.find("interface eth0 of host"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("ens7"), std::string::npos) << ran.err;
}

TEST_P(HostLab, TakesBackOnlyWhatTheRunAdded) {
  ASSERT_TRUE(plant_foreign());
  const std::string before = dump();
  const auto run_once = [&] {
    return ground->netns().run([&] {
      const auto loaded = load_host(options());
      if (!loaded) return false;
      std::ostringstream progress;
      const auto part = apply_host(**loaded, options(), progress);
      return part && take_back(**loaded, options(), *part);
    });
  };
  EXPECT_TRUE(run_once());
  EXPECT_EQ(dump(), before);
  ASSERT_EQ(run(apply_profile).status, ExitStatus::Ok);
  const std::string applied = dump();
  EXPECT_TRUE(run_once());
  EXPECT_EQ(dump(), applied) << "an earlier apply stays";
  EXPECT_EQ(run(revert).status, ExitStatus::Ok);
  EXPECT_EQ(dump(), before);
}

TEST_P(HostLab, TakesBackWhatACrashedRunLeft) {
  const std::string before = dump();
  const bool done = ground->netns().run([&] {
    const auto loaded = load_host(options());
    std::ostringstream progress;
    // The first run is never taken back, as after kill -9; the second finds all in place.
    if (!loaded || !apply_host(**loaded, options(), progress)) return false;
    const auto part = apply_host(**loaded, options(), progress);
    return part && take_back(**loaded, options(), *part);
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(dump(), before);
}

}  // namespace
}  // namespace lvs::host
