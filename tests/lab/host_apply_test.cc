#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "net/base/sysctl_name.h"
#include "net/linux/nftables.h"
#include "net/linux/process.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "profiles/host/apply.h"
#include "profiles/host/host_part.h"
#include "profiles/io/linux_kernel.h"
#include "tests/support/host_dump.h"
#include "tests/support/netns.h"

// The host part on a real kernel: what was there before must be there after, whoever else has
// objects there and wherever we are killed.

namespace lvs::host {
namespace {

using profiles::Role;
using test::Netns;

constexpr const char* kProfile = R"(
name = "web"
[[service]]
vip       = "192.168.1.99"
port      = 80
method    = "dr"
scheduler = "rr"
servers   = ["rs1"]
[host.lb1]
role      = "director"
interface = "eth0"
address   = "192.168.1.90/24"
[host.rs1]
role      = "realserver"
interface = "eth0"
address   = "192.168.1.91/24"
)";

struct Ran {
  ExitStatus status = ExitStatus::Bug;
  std::string out;
  std::string err;
};

using Command = ExitStatus (*)(const HostOptions&, std::ostream&, std::ostream&);

/// Does what ip(8) and nft(8) would: one line, one program, in the namespace of this thread.
bool shell(const std::string& line) {
  const auto here = linux_net::NetNamespace::current();
  if (!here) return false;
  linux_net::Program program;
  program.path = "/bin/sh";
  program.args = {"-c", line};
  program.netns_fd = here->fd();
  const auto finished = linux_net::run_program(program, std::chrono::seconds(10));
  return finished && finished->exit_code == 0;
}

class HostLab : public testing::TestWithParam<Role> {
 protected:
  void SetUp() override {
    auto made = Netns::make();
    if (!made) GTEST_SKIP() << "needs the right to make network namespaces (root)";
    ns.emplace(std::move(*made));
    std::string pattern = (std::filesystem::temp_directory_path() / "lvskit-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    std::ofstream(folder / "web.toml") << kProfile;
    options.profile = folder / "web.toml";
    options.state_dir = folder / "state";
    options.role = GetParam();
    options.program = options.role == Role::Director ? "lvs-director" : "lvs-realserver";
    const std::string own = options.role == Role::Director ? "192.168.1.90" : "192.168.1.91";
    ASSERT_TRUE(ns->run([&] {
      return shell(
          // IPv6 addresses would come and settle by themselves while we compare.
          "ip link set lo up && ip link add eth0 type veth peer name wire0 && "
          "for i in eth0 wire0; do echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6; done; "
          "ip link set eth0 up && ip link set wire0 up && ip addr add " +
          own +
          "/24 dev eth0 && for k in arp_ignore arp_announce rp_filter send_redirects; do "
          "for i in all default lo eth0; do echo 0 > /proc/sys/net/ipv4/conf/$i/$k; "
          "done; done");
    }));
  }
  void TearDown() override {
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }

  /// Objects of others of each kind, some of them close to ours.
  bool plant_foreign() {
    return ns->run([&] {
      return shell(
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
    });
  }

  Ran run(Command command) {
    return ns->run([&] {
      std::ostringstream out;
      std::ostringstream err;
      const ExitStatus status = command(options, out, err);
      return Ran{status, out.str(), err.str()};
    });
  }
  std::string dump() {
    return ns->run([] { return test::dump_host(); });
  }
  bool sysctl(const std::string& key, const std::string& value) {
    return ns->run([&] { return linux_net::write_sysctl(key, value).has_value(); });
  }

  std::optional<Netns> ns;
  std::filesystem::path folder;
  HostOptions options;
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

  const bool director = options.role == Role::Director;
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
  auto events = ns->run([] { return linux_net::RouteEvents::open(); });
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

/// A kernel under which this process is killed at the n-th change, before or after it.
class DeadlyKernel : public profiles::Kernel {
 public:
  DeadlyKernel(profiles::LinuxKernel kernel, int at, bool after)
      : kernel_(std::move(kernel)), at_(at), after_(after) {}
  Result<profiles::Abilities> abilities() override { return kernel_.abilities(); }
  Result<profiles::Snapshot> snapshot(const profiles::Look& look) override {
    return kernel_.snapshot(look);
  }
  Result<profiles::StepNote> carry_out(const profiles::Step& step) override {
    if (!profiles::changes_host(step)) return profiles::StepNote{};
    const bool now = steps_++ == at_;
    if (now && !after_) die();
    auto note = kernel_.carry_out(step);
    if (now) die();
    return note;
  }

 private:
  static void die() { kill(getpid(), SIGKILL); }

  profiles::LinuxKernel kernel_;
  int at_;
  bool after_;
  int steps_ = 0;
};

/// Applies in a child that is killed there; false when it reached the end alive.
bool killed_while_applying(const HostOptions& options, int at, bool after) {
  const pid_t child = fork();
  if (child == 0) {
    auto loaded = load_host(options);
    auto kernel = profiles::LinuxKernel::open();
    if (!loaded || !kernel) _exit(9);
    DeadlyKernel deadly(std::move(*kernel), at, after);
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
    const bool died = ns->run([&] { return killed_while_applying(options, at / 2, at % 2 == 1); });
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
  const bool director = options.role == Role::Director;
  ASSERT_TRUE(ns->run([&] {
    return shell(director ? "ip addr add 192.168.1.99/32 dev eth0 && ip route add 192.168.1.99 dev "
                            "eth0 proto 99"
                          : "ip addr add 192.168.1.99/32 dev lo scope host && ip route add "
                            "192.168.1.99 dev lo proto 99");
  }));
  const std::string before = dump();
  const Ran ran = run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.err;
  EXPECT_NE(ran.out.find("is not ours and stays at revert"), std::string::npos) << ran.out;
  EXPECT_EQ(run(check).status, ExitStatus::Ok);
  EXPECT_EQ(run(revert).status, ExitStatus::Ok);
  EXPECT_EQ(dump(), before);
}

TEST_P(HostLab, RefusesTheVipElsewhereAndTouchesNothing) {
  ASSERT_TRUE(ns->run([] { return shell("ip addr add 192.168.1.99/24 dev wire0"); }));
  const std::string before = dump();
  const Ran ran = run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Failed);
  EXPECT_NE(ran.err.find("192.168.1.99/24 on wire0"), std::string::npos) << ran.err;
  EXPECT_EQ(dump(), before);
}

TEST_P(HostLab, LeavesAndListsWhatSomebodyChanged) {
  ASSERT_EQ(run(apply_profile).status, ExitStatus::Ok);
  if (options.role == Role::Director) {
    ASSERT_TRUE(ns->run([] {
      return shell(
          "ip addr del 192.168.1.99/32 dev eth0 label eth0:0 && "
          "ip addr add 192.168.1.99/32 dev eth0");
    }));
  } else {
    ASSERT_TRUE(sysctl("net/ipv4/conf/all/arp_announce", "1"));
  }
  const Ran ran = run(revert);
  EXPECT_EQ(ran.status, ExitStatus::Incomplete) << ran.out;
  EXPECT_NE(ran.err.find("changed by somebody after us"), std::string::npos) << ran.err;
  EXPECT_EQ(run(revert).status, ExitStatus::Ok) << "told once, then it is no longer ours";
}

TEST_P(HostLab, NeedsTheRightAndTouchesNothing) {
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  const std::string before = dump();
  const int status = ns->run([&] {
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(65534) != 0 || setuid(65534) != 0) _exit(99);
      std::ostringstream out;
      std::ostringstream err;
      const ExitStatus got = apply_profile(options, out, err);
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
  ASSERT_TRUE(ns->run([] { return shell("ip link set eth0 down && ip link set eth0 name ens7"); }));
  options.host = options.role == Role::Director ? "lb1" : "rs1";
  const Ran ran = run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Failed);
  EXPECT_NE(ran.err.find("interface eth0 of host"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("ens7"), std::string::npos) << ran.err;
}

TEST_P(HostLab, TakesBackOnlyWhatTheRunAdded) {
  ASSERT_TRUE(plant_foreign());
  const std::string before = dump();
  const auto run_once = [&] {
    return ns->run([&] {
      const auto loaded = load_host(options);
      if (!loaded) return false;
      std::ostringstream progress;
      const auto part = apply_host(**loaded, options, progress);
      return part && take_back(**loaded, options, *part);
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
  const bool done = ns->run([&] {
    const auto loaded = load_host(options);
    std::ostringstream progress;
    // The first run is never taken back, as after kill -9; the second finds all in place.
    if (!loaded || !apply_host(**loaded, options, progress)) return false;
    const auto part = apply_host(**loaded, options, progress);
    return part && take_back(**loaded, options, *part);
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(dump(), before);
}

}  // namespace
}  // namespace lvs::host
