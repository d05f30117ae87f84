// The lab and the checks, run as a person runs them: by the program, as root and as an ordinary
// user.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "net/json/json.h"
#include "net/linux/fd.h"
#include "net/linux/process.h"
#include "verify/lab/record.h"

namespace lvs::verify {
namespace {

namespace fs = std::filesystem;
using linux_net::Finished;
using linux_net::UniqueFd;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds kDeadline{60};
constexpr int kEndsWithinMs = 20000;

constexpr std::string_view kProfile = R"(
name = "vlt"
[[service]]
vip = "192.168.1.99"
port = 80
method = "dr"
scheduler = "rr"
servers = ["rs1", "rs2"]
[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.1.90/24"
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.91/24"
[host.rs2]
role = "realserver"
interface = "eth0"
address = "192.168.1.92/24"
)";

enum class User { Ours, Ordinary };

/// A folder of its own, the programs from beside this one, and always a `down` at the end.
class VerifyLab : public testing::TestWithParam<User> {
 protected:
  void SetUp() override {
    bin_ = fs::read_symlink("/proc/self/exe").parent_path();
    ASSERT_TRUE(fs::exists(bin_ / "lvs-verify")) << "lvs-verify is not built";
    std::string pattern = (fs::temp_directory_path() / "lvs-verify-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    ASSERT_EQ(chmod(pattern.c_str(), 0755), 0);
    fs::create_directory(folder_ / "state");
    std::ofstream{profile()} << kProfile;
    if (GetParam() == User::Ordinary && geteuid() == 0) {
      ASSERT_EQ(chown((folder_ / "state").c_str(), 65534, 65534), 0);
      // The checkout may lie where only root can go, as below /root.
      fs::create_directory(folder_ / "bin");
      for (const char* name : {"lvs-verify", "lvs-realserver", "lvs-director"})
        fs::copy_file(bin_ / name, folder_ / "bin" / name);
      bin_ = folder_ / "bin";
      prefix_ = {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"};
    }
    const Finished up = run({"lab", "up", profile()});
    if (up.exit_code == 77) GTEST_SKIP() << up.err;
    ASSERT_EQ(up.exit_code, 0) << up.err;
  }

  void TearDown() override {
    if (!folder_.empty()) {
      run({"lab", "down", "vlt"});
      fs::remove_all(folder_);
    }
  }

  std::string profile() const { return (folder_ / "vlt.toml").string(); }
  std::string program(const std::string& name) const { return (bin_ / name).string(); }
  fs::path lab_folder() const { return folder_ / "state" / "lab-vlt"; }

  Finished run_as_user(Words words) const {
    words.insert(words.begin(), prefix_.begin(), prefix_.end());
    const Words args(words.begin() + 1, words.end());
    auto finished = linux_net::run_program(
        {.path = words.front(),
         .args = args,
         .extra_environment = {"LVSKIT_STATE_DIR=" + (folder_ / "state").string()},
         .input = {}},
        kDeadline);
    if (!finished) ADD_FAILURE() << finished.error().what;
    return finished ? *finished : Finished{.exit_code = -1, .out = {}, .err = {}};
  }

  Finished run(Words args) const {
    args.insert(args.begin(), program("lvs-verify"));
    return run_as_user(std::move(args));
  }

  Finished exec(const std::string& host, const Words& command) const {
    Words args{"lab", "exec", "vlt", host, "--"};
    args.insert(args.end(), command.begin(), command.end());
    return run(std::move(args));
  }

  LabRecord record() const {
    auto loaded = load_record(lab_folder());
    EXPECT_TRUE(loaded && loaded->has_value());
    return loaded && *loaded ? **loaded : LabRecord{};
  }

  /// The owner's VIP, put there by hand: these tests need no director.
  void give_vip_to(const std::string& host) const {
    ASSERT_EQ(exec(host, {"ip", "addr", "add", "192.168.1.99/32", "dev", "eth0"}).exit_code, 0);
  }

  fs::path bin_;
  fs::path folder_;
  Words prefix_;
};

std::string links_here() {
  auto shown = linux_net::run_program(
      {.path = "ip", .args = {"-o", "link"}, .extra_environment = {}, .input = {}}, kDeadline);
  return shown ? shown->out : std::string{};
}

void expect_ends(const RecordedProcess& process) {
  const UniqueFd pidfd{static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0))};
  if (pidfd && is_running(process)) {
    pollfd waiting{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&waiting, 1, kEndsWithinMs), 1) << process.what;
  }
  EXPECT_FALSE(is_running(process)) << process.what;
}

INSTANTIATE_TEST_SUITE_P(AsEverybody, VerifyLab, testing::Values(User::Ours, User::Ordinary),
                         [](const auto& each) {
                           return each.param == User::Ours ? "Ours" : "Ordinary";
                         });

TEST_P(VerifyLab, ExecRunsOnTheHostAndGivesItsExitStatus) {
  EXPECT_EQ(exec("rs1", {"sh", "-c", "exit 7"}).exit_code, 7);
  const Finished shown = exec("rs2", {"ip", "-o", "-4", "addr", "show", "dev", "eth0"});
  EXPECT_NE(shown.out.find("192.168.1.92/24"), std::string::npos) << shown.out;
  const Finished wrong = exec("rs9", {"true"});
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_NE(wrong.err.find("rs1, rs2"), std::string::npos) << wrong.err;
}

TEST_P(VerifyLab, SetsTheSysctlsThatMatter) {
  const Finished shown = exec("rs1", {"cat", "/proc/sys/net/ipv4/conf/eth0/arp_ignore",
                                      "/proc/sys/net/ipv4/conf/all/rp_filter"});
  EXPECT_EQ(shown.out, "0\n0\n");
}

TEST_P(VerifyLab, RefusesASecondLabOfTheNameNamingTheFirst) {
  const Finished second = run({"lab", "up", profile()});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find(std::to_string(record().holder.pid)), std::string::npos) << second.err;
}

TEST_P(VerifyLab, RunsBesideALabOfAnotherName) {
  EXPECT_EQ(run({"lab", "up", profile(), "--name", "vlt2"}).exit_code, 0);
  EXPECT_EQ(run({"lab", "exec", "vlt2", "client", "--", "true"}).exit_code, 0);
  EXPECT_EQ(run({"lab", "down", "vlt2"}).exit_code, 0);
  EXPECT_EQ(exec("client", {"true"}).exit_code, 0);
}

TEST_P(VerifyLab, DownLeavesNothingAndCanBeSaidTwice) {
  const std::string before = links_here();
  const LabRecord lab = record();
  ASSERT_EQ(lab.programs.size(), 2u);
  EXPECT_TRUE(is_running(lab.holder));
  EXPECT_EQ(run({"lab", "down", "vlt"}).exit_code, 0);
  EXPECT_FALSE(is_running(lab.holder));
  for (const RecordedProcess& program : lab.programs) EXPECT_FALSE(is_running(program));
  EXPECT_FALSE(fs::exists(lab_folder()));
  EXPECT_EQ(links_here(), before);
  EXPECT_EQ(run({"lab", "down", "vlt"}).exit_code, 0);
}

TEST_P(VerifyLab, IsCleanedUpAfterItsHolderWasKilled) {
  const LabRecord lab = record();
  Words words = prefix_;
  for (const char* word : {"lab", "exec", "vlt", "rs1", "--", "sleep", "1000"})
    words.emplace_back(word);
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(prefix_.size()), program("lvs-verify"));
  auto stray = linux_net::ChildProcess::start(
      {.path = words.front(),
       .args = Words(words.begin() + 1, words.end()),
       .extra_environment = {"LVSKIT_STATE_DIR=" + (folder_ / "state").string()},
       .input = {}},
      {});
  ASSERT_TRUE(stray) << stray.error().what;
  // It has entered the host once it has become the program.
  const std::string command = "/proc/" + std::to_string(stray->pid()) + "/comm";
  std::string name;
  for (const auto until = std::chrono::steady_clock::now() + kDeadline;
       name != "sleep" && std::chrono::steady_clock::now() < until;) {
    std::ifstream{command} >> name;
    ASSERT_FALSE(stray->wait_until(std::chrono::steady_clock::now()));
  }
  ASSERT_EQ(kill(lab.holder.pid, SIGKILL), 0);
  for (const RecordedProcess& program : lab.programs) expect_ends(program);
  EXPECT_TRUE(stray->running());
  EXPECT_EQ(run({"lab", "down", "vlt"}).exit_code, 0);
  EXPECT_TRUE(stray->wait_until(std::chrono::steady_clock::now() + kDeadline));
  EXPECT_FALSE(fs::exists(lab_folder()));
}

TEST_P(VerifyLab, ComesUpAgainAfterItsHolderWasKilled) {
  const LabRecord lab = record();
  ASSERT_EQ(kill(lab.holder.pid, SIGKILL), 0);
  expect_ends(lab.holder);
  EXPECT_EQ(exec("rs1", {"true"}).exit_code, 1);
  const Finished again = run({"lab", "up", profile()});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(exec("rs1", {"true"}).exit_code, 0);
}

TEST_P(VerifyLab, OwnerPassesForTheDirectorAloneAndCatchesASecondHost) {
  const Words owner{program("lvs-verify"), "owner", profile(), "--window", "400ms"};
  EXPECT_EQ(exec("client", owner).exit_code, 2);  // nobody has it yet
  give_vip_to("lb1");
  const Finished alone = exec("client", owner);
  EXPECT_EQ(alone.exit_code, 0) << alone.out;
  EXPECT_EQ(run({"lab", "inject", "vlt", "F11:rs2"}).exit_code, 0);
  const Finished two = exec("client", owner);
  EXPECT_EQ(two.exit_code, 2);
  EXPECT_NE(two.out.find("F01                rs2, a real server"), std::string::npos) << two.out;
}

TEST_P(VerifyLab, OwnerIsSkippedOnAHostThatHasTheVip) {
  give_vip_to("lb1");
  const Finished own = exec("lb1", {program("lvs-verify"), "owner", profile()});
  EXPECT_EQ(own.exit_code, 77) << own.out;
}

TEST_P(VerifyLab, RotationFailsWhenOneServerHasEverything) {
  give_vip_to("rs1");
  const Finished stuck = exec(
      "client", {program("lvs-verify"), "rotation", profile(), "--connections", "6", "--json"});
  EXPECT_EQ(stuck.exit_code, 2) << stuck.out << stuck.err;
  EXPECT_NE(stuck.out.find("every connection went to rs1"), std::string::npos) << stuck.out;
}

TEST_P(VerifyLab, RotationTellsThatNobodyAnswers) {
  const Finished none = exec("client", {program("lvs-verify"), "rotation", profile(),
                                        "--connections", "1", "--service", "tcp-192.168.1.99-80"});
  EXPECT_EQ(none.exit_code, 2) << none.err;
  EXPECT_NE(none.out.find("1 of 1 connections were not answered"), std::string::npos) << none.out;
}

TEST_P(VerifyLab, RotationRefusesAnUnknownServiceNamingThose) {
  const Finished wrong =
      exec("client", {program("lvs-verify"), "rotation", profile(), "--service", "nosuch"});
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_NE(wrong.err.find("tcp-192.168.1.99-80"), std::string::npos) << wrong.err;
}

TEST_P(VerifyLab, TestProvesTheWholeSetUp) {
  ASSERT_EQ(run({"lab", "down", "vlt"}).exit_code, 0);
  const Finished proven = run({"lab", "test", profile(), "--connections", "20"});
  EXPECT_EQ(proven.exit_code, 0) << proven.out << proven.err;
  EXPECT_NE(proven.out.find("seen     rs2 rs1, 10 times"), std::string::npos) << proven.out;
  EXPECT_FALSE(fs::exists(lab_folder()));
}

TEST_P(VerifyLab, TestNamesTheHostThatWasBroken) {
  ASSERT_EQ(run({"lab", "down", "vlt"}).exit_code, 0);
  for (const char* fault : {"F01", "F02", "F03", "F11"}) {
    const Finished broken = run(
        {"lab", "test", profile(), "--connections", "2", "--inject", std::string{fault} + ":rs2"});
    EXPECT_EQ(broken.exit_code, 2) << broken.out << broken.err;
    EXPECT_NE(broken.out.find("FAIL  " + std::string{fault} + "                rs2"),
              std::string::npos)
        << broken.out;
  }
}

}  // namespace
}  // namespace lvs::verify
