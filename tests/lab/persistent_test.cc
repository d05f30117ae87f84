#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "profiles/host/export.h"
#include "profiles/host/host_part.h"
#include "tests/lab/role_profiles.h"
#include "tests/lab/shell.h"
#include "tests/support/host_dump.h"
#include "tests/support/netns.h"

// Files that outlive a boot, below a root folder of the test's own, and scripts that do what apply
// does. tests/systemd boots a real systemd on them.

namespace lvs::host {
namespace {

namespace fs = std::filesystem;
using test::Netns;
using test::shell;

using Command = ExitStatus (*)(const HostOptions&, std::ostream&, std::ostream&);

struct Ran {
  ExitStatus status = ExitStatus::Bug;
  std::string out;
};

class Persistent : public testing::Test {
 protected:
  void SetUp() override {
    auto made = Netns::make();
    if (!made) GTEST_SKIP() << "needs the right to make network namespaces (root)";
    ns.emplace(std::move(*made));
    std::string pattern = (fs::temp_directory_path() / "lvskit-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    std::ofstream(folder / "web.toml") << test::kWeb;
    fs::create_directories(folder / "root/etc/sysctl.d");
    fs::create_directories(folder / "root/etc/systemd/system");
    options.profile = folder / "web.toml";
    options.state_dir = folder / "state";
    options.program = "lvs-realserver";
    options.places.root = folder / "root";
    options.places.boot_netns = ns->path();
    give_address("192.168.1.91/24");
  }
  void TearDown() override {
    if (!folder.empty()) fs::remove_all(folder);
  }

  void give_address(const std::string& address) {
    const auto done = ns->run([&] {
      return shell(
          "ip link set lo up && ip link add eth0 type veth peer name wire0 && "
          "for i in eth0 wire0; do echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6; done; "
          "ip link set eth0 up && ip link set wire0 up && ip addr add " +
          address +
          " dev eth0 && for k in arp_ignore arp_announce rp_filter send_redirects; do "
          "for i in all default lo eth0; do echo 0 > /proc/sys/net/ipv4/conf/$i/$k; done; done");
    });
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  Ran run(Command command) {
    return ns->run([&] {
      std::ostringstream out;
      const ExitStatus status = command(options, out, out);
      return Ran{status, out.str()};
    });
  }
  Ran apply_for_good() {
    options.persistent = true;
    Ran ran = run(apply_profile);
    options.persistent = false;
    return ran;
  }
  std::string dump() {
    return ns->run([] { return test::dump_host(); });
  }
  fs::path root(const std::string& path) const { return folder / "root" / path; }
  bool any_file() const {
    const fs::recursive_directory_iterator all(folder / "root");
    return std::any_of(begin(all), end(all), [](const fs::directory_entry& item) {
      return !item.is_directory() || item.is_symlink();
    });
  }

  std::optional<Netns> ns;
  fs::path folder;
  HostOptions options;
  const std::string sysctls = "etc/sysctl.d/99-zz-lvskit-web.conf";
  const std::string journal = "var/lib/lvskit/web.journal";
};

TEST_F(Persistent, MakesTheFilesAndTakesThemBack) {
  const std::string before = dump();
  Ran ran = apply_for_good();
  ASSERT_EQ(ran.status, ExitStatus::Ok) << ran.out;
  EXPECT_TRUE(fs::is_regular_file(root(sysctls)));
  EXPECT_TRUE(fs::is_symlink(
      root("etc/systemd/system/multi-user.target.wants/lvskit-realserver@web.service")));
  EXPECT_TRUE(fs::exists(root(journal)));
  EXPECT_EQ(run(check).status, ExitStatus::Ok);
  ran = run(apply_profile);
  EXPECT_NE(ran.out.find("nothing was written"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("stays so until revert"), std::string::npos) << ran.out;
  ran = run(revert);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.out;
  EXPECT_FALSE(any_file());
  EXPECT_EQ(dump(), before);
}

TEST_F(Persistent, MovesTheJournalOfARuntimeApply) {
  const std::string before = dump();
  ASSERT_EQ(run(apply_profile).status, ExitStatus::Ok);
  EXPECT_FALSE(any_file());
  const Ran ran = apply_for_good();
  ASSERT_EQ(ran.status, ExitStatus::Ok) << ran.out;
  EXPECT_TRUE(fs::exists(root(journal)));
  for (const auto& item : fs::recursive_directory_iterator(folder / "state"))
    EXPECT_NE(item.path().extension(), ".journal") << item.path();
  EXPECT_EQ(run(revert).status, ExitStatus::Ok);
  EXPECT_FALSE(any_file());
  EXPECT_EQ(dump(), before);
}

TEST_F(Persistent, TheFilesStayOursAfterABoot) {
  ASSERT_EQ(apply_for_good().status, ExitStatus::Ok);
  // A boot brings a new namespace; the sysctls come back with the file.
  auto next = Netns::make();
  ASSERT_TRUE(next);
  ns.emplace(std::move(*next));
  options.places.boot_netns = ns->path();
  give_address("192.168.1.91/24");
  const std::string before = dump();
  const auto set = ns->run([&] { return shell("sysctl -p " + root(sysctls).string()); });
  ASSERT_EQ(set.exit_code, 0) << set.err;
  Ran ran = apply_for_good();
  ASSERT_EQ(ran.status, ExitStatus::Ok) << ran.out;
  EXPECT_EQ(ran.out.find("file " + root(sysctls).string()), std::string::npos) << ran.out;
  EXPECT_EQ(run(check).status, ExitStatus::Ok);
  ran = run(revert);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.out;
  EXPECT_FALSE(any_file());
  EXPECT_EQ(dump(), before);
}

TEST_F(Persistent, LeavesAFileThatSomebodyChanged) {
  ASSERT_EQ(apply_for_good().status, ExitStatus::Ok);
  std::ofstream(root(sysctls), std::ios::app) << "# mine\n";
  EXPECT_EQ(run(check).status, ExitStatus::Differs);
  const Ran ran = run(revert);
  EXPECT_EQ(ran.status, ExitStatus::Incomplete) << ran.out;
  EXPECT_TRUE(fs::exists(root(sysctls)));
}

TEST_F(Persistent, WithoutSystemdItSaysWhatIsMissingAndTouchesNothing) {
  fs::remove_all(root("etc/systemd"));
  const std::string before = dump();
  const Ran ran = apply_for_good();
  EXPECT_EQ(ran.status, ExitStatus::Unsupported);
  EXPECT_NE(ran.out.find("without --persistent nothing of it is needed"), std::string::npos)
      << ran.out;
  EXPECT_EQ(dump(), before);
  EXPECT_FALSE(any_file());
  EXPECT_EQ(run(apply_profile).status, ExitStatus::Ok) << "control: runtime mode works here";
}

TEST_F(Persistent, IsRefusedOutsideTheNamespaceOfTheBoot) {
  options.places.boot_netns = "/proc/1/ns/net";
  const Ran ran = apply_for_good();
  EXPECT_EQ(ran.status, ExitStatus::Unsupported);
  EXPECT_FALSE(any_file());
}

TEST_F(Persistent, NamesTheFileThatSetsAnotherValue) {
  std::ofstream(root("etc/sysctl.d/50-other.conf")) << "\nnet.ipv4.conf.eth0.arp_ignore = 3\n";
  Ran ran = run(plan);
  EXPECT_NE(ran.out.find("50-other.conf:2 sets net.ipv4.conf.eth0.arp_ignore = 3"),
            std::string::npos)
      << ran.out;
  ASSERT_EQ(run(apply_profile).status, ExitStatus::Ok);
  ASSERT_EQ(ns->run([] { return shell("sysctl -w net.ipv4.conf.eth0.arp_ignore=3"); }).exit_code,
            0);
  ran = run(check);
  EXPECT_EQ(ran.status, ExitStatus::Differs);
  EXPECT_NE(ran.out.find("50-other.conf:2 sets it"), std::string::npos) << ran.out;
}

class Exported : public Persistent, public testing::WithParamInterface<profiles::Role> {};
INSTANTIATE_TEST_SUITE_P(BothRoles, Exported,
                         testing::Values(profiles::Role::RealServer, profiles::Role::Director));

/// The marks of ownership that ip(8) cannot make.
std::string without_marks(std::string text) {
  for (const std::string mark : {" proto 0x4c", " proto 76"})
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark))
      text.erase(at, mark.size());
  return text;
}

TEST_P(Exported, TheScriptMakesWhatApplyMakes) {
  options.role = GetParam();
  const bool director = options.role == profiles::Role::Director;
  options.host = director ? "lb1" : "rs1";
  options.program = director ? "lvs-director" : "lvs-realserver";
  if (director) {
    const auto done = ns->run([] {
      return shell("ip addr del 192.168.1.91/24 dev eth0; ip addr add 192.168.1.90/24 dev eth0");
    });
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  const std::string before = dump();
  ASSERT_EQ(run(apply_profile).status, ExitStatus::Ok);
  const std::string applied = dump();
  ASSERT_EQ(run(revert).status, ExitStatus::Ok);
  ASSERT_EQ(dump(), before);

  options.format = "sh";
  const Ran script = run(export_host);
  ASSERT_EQ(script.status, ExitStatus::Ok) << script.out;
  std::ofstream(folder / "host.sh") << script.out;
  const std::string call = "LVSKIT_SCRIPT_STATE=" + (folder / "script").string() + " sh " +
                           (folder / "host.sh").string();
  auto done = ns->run([&] { return shell(call + " up"); });
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err << script.out;
  EXPECT_EQ(without_marks(dump()), without_marks(applied));
  done = ns->run([&] { return shell(call + " down"); });
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_EQ(dump(), before);
}

}  // namespace
}  // namespace lvs::host
