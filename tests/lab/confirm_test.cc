#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "net/linux/pidfd.h"
#include "net/linux/process.h"
#include "profiles/io/journal_file.h"
#include "tests/lab/host_ground.h"

// `apply --confirm-within` as a user has it: real programs, a real guard.

namespace lvs::host {
namespace {

namespace fs = std::filesystem;
using linux_net::Finished;
using test::HostGround;

/// Longer than any test runs: nothing here waits for it.
constexpr const char* kLong = "10m";

class Confirm : public testing::Test {
 protected:
  void SetUp() override {
    ground = HostGround::make(fs::path(LVS_SOURCE_DIR) / "profiles/dr.toml", "rs1");
    if (!ground) GTEST_SKIP() << "needs the right to make network namespaces";
    before = ground->dump();
  }
  void TearDown() override {
    // Ends a guard that a failed test left.
    if (ground) lvs({"revert", "dr"});
  }

  linux_net::Program program(std::vector<std::string> arguments) const {
    linux_net::Program made;
    made.path = fs::canonical("/proc/self/exe").parent_path() / "lvs-realserver";
    made.args = std::move(arguments);
    made.args.insert(made.args.end(), {"--state-dir", *ground->options().state_dir});
    made.netns_fd = ground->netns().fd();
    return made;
  }
  Finished lvs(std::vector<std::string> arguments) const {
    auto finished = linux_net::run_program(program(std::move(arguments)), std::chrono::seconds(30));
    EXPECT_TRUE(finished) << finished.error().what;
    return finished ? *finished : Finished{255, "", ""};
  }
  Finished apply(const std::string& window) const {
    return lvs({"apply", ground->options().profile, "--host", "rs1", "--confirm-within", window});
  }
  profiles::Journal journal() const {
    for (const auto& item : fs::recursive_directory_iterator(*ground->options().state_dir))
      if (item.path().extension() == ".journal") return *profiles::load_journal(item.path());
    return {};
  }
  /// A descriptor for the guard that the journal names.
  linux_net::UniqueFd guard() const {
    const profiles::Journal now = journal();
    EXPECT_NE(now.armed(), nullptr);
    if (now.armed() == nullptr) return {};
    return linux_net::UniqueFd(::pidfd_open(static_cast<pid_t>(now.armed()->guard.pid), 0));
  }
  /// Until the guard of a short window has done its work: it holds the lock meanwhile.
  void wait_for_guard() const {
    const profiles::Journal now = journal();
    if (now.armed() != nullptr) {
      const linux_net::UniqueFd running(
          ::pidfd_open(static_cast<pid_t>(now.armed()->guard.pid), 0));
      EXPECT_TRUE(!running || ends(running));
    }
    const auto state = ground->netns().run(
        [&] { return profiles::StateDir::locate(ground->options().state_dir); });
    ASSERT_TRUE(state);
    EXPECT_TRUE(profiles::StateLock::wait(state->path() / "lock", "a test"));
  }
  static bool ends(const linux_net::UniqueFd& process) {
    pollfd ended{process.get(), POLLIN, 0};
    return ::poll(&ended, 1, 30'000) == 1;
  }

  std::unique_ptr<HostGround> ground;
  std::string before;
};

TEST_F(Confirm, TogetherWithPersistentItSaysWhatToDoInstead) {
  const Finished refused = lvs({"apply", ground->options().profile, "--host", "rs1", "--persistent",
                                "--confirm-within", "60s"});
  EXPECT_EQ(refused.exit_code, static_cast<int>(ExitStatus::Usage)) << refused.out;
  for (const char* command : {"`lvs-realserver apply --confirm-within DURATION`",
                              "`lvs-realserver confirm`", "`lvs-realserver apply --persistent`"})
    EXPECT_NE(refused.err.find(command), std::string::npos) << refused.err;
  EXPECT_EQ(ground->dump(), before);
  EXPECT_FALSE(fs::exists(*ground->options().state_dir));
}

TEST_F(Confirm, RollsBackWhenNoConfirmationComes) {
  const Finished applied = apply("1s");
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  EXPECT_NE(applied.out.find("Rolled back in 1 s, unless you say: lvs-realserver confirm dr"),
            std::string::npos)
      << applied.out;
  // The guard may have done its work already; then the journal is gone with it.
  wait_for_guard();
  EXPECT_EQ(ground->dump(), before);
  const Finished late = lvs({"confirm", "dr"});
  EXPECT_EQ(late.exit_code, 1);
  EXPECT_NE(late.err.find("no apply of profile dr waits"), std::string::npos) << late.err;
}

TEST_F(Confirm, KeepsWhatWasConfirmedAndEndsTheGuard) {
  ASSERT_EQ(apply(kLong).exit_code, 0);
  const auto watched = guard();
  const std::string applied = ground->dump();
  EXPECT_NE(applied, before);
  EXPECT_EQ(lvs({"confirm", "dr"}).exit_code, 0);
  EXPECT_TRUE(ends(watched));
  EXPECT_EQ(ground->dump(), applied);
  EXPECT_EQ(lvs({"status", "dr"}).exit_code, 0);
  EXPECT_EQ(lvs({"revert", "dr"}).exit_code, 0);
  EXPECT_EQ(ground->dump(), before);
}

TEST_F(Confirm, HoldsBackOtherAppliesAndTellsTheTime) {
  ASSERT_EQ(apply(kLong).exit_code, 0);
  const Finished second = lvs({"apply", ground->options().profile, "--host", "rs1"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("waits for its confirmation, "), std::string::npos) << second.err;
  EXPECT_NE(second.err.find("revert dr` takes everything back"), std::string::npos) << second.err;
  const Finished status = lvs({"status", "dr", "--json"});
  EXPECT_EQ(status.exit_code, 2);
  EXPECT_NE(status.out.find("\"result\": \"waiting\""), std::string::npos) << status.out;
  EXPECT_NE(status.out.find("\"confirm_left_ms\": "), std::string::npos) << status.out;
}

TEST_F(Confirm, IsTakenBackAtOnceByRevert) {
  ASSERT_EQ(apply(kLong).exit_code, 0);
  const auto watched = guard();
  EXPECT_EQ(lvs({"revert", "dr"}).exit_code, 0);
  EXPECT_TRUE(ends(watched));
  EXPECT_EQ(ground->dump(), before);
}

TEST_F(Confirm, IsRolledBackByTheNextCommandWhenTheGuardWasKilled) {
  ASSERT_EQ(apply(kLong).exit_code, 0);
  const auto watched = guard();
  ASSERT_EQ(::pidfd_send_signal(watched.get(), SIGKILL, nullptr, 0), 0);
  ASSERT_TRUE(ends(watched));
  const Finished again = lvs({"apply", ground->options().profile, "--host", "rs1"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.out.find("an apply that was not confirmed was rolled back"), std::string::npos)
      << again.out;
  EXPECT_EQ(lvs({"revert", "dr"}).exit_code, 0);
  EXPECT_EQ(ground->dump(), before);
}

TEST_F(Confirm, OutlivesTheTerminalAndTheGroupThatStartedIt) {
  // The shell leads a session of its own; its whole group is killed as by a lost connection.
  linux_net::Program shell = program({});
  const std::string script =
      R"("$0" apply "$1" --host rs1 --confirm-within 1s --state-dir "$2" && )"
      "kill -HUP 0; kill -KILL 0";
  shell.args = {"-c", script, shell.path, ground->options().profile, *ground->options().state_dir};
  shell.path = "/bin/sh";
  auto started = linux_net::ChildProcess::start(shell, {.own_session = true});
  ASSERT_TRUE(started);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  ASSERT_TRUE(started->wait_until(deadline));
  wait_for_guard();
  EXPECT_EQ(ground->dump(), before);
}

TEST_F(Confirm, RefusesTimesThatMakeNoSense) {
  for (const char* window : {"0s", "500ms", "25h", "60", "soon"}) {
    const Finished refused = apply(window);
    EXPECT_EQ(refused.exit_code, 64) << window << refused.err;
  }
  EXPECT_EQ(ground->dump(), before);
}

TEST_F(Confirm, LeavesASecondProfileAlone) {
  ASSERT_EQ(apply(kLong).exit_code, 0);
  // The same under another name: all that it wants is there, made by the first.
  ASSERT_TRUE(ground->shell("sed 's/^name = \"dr\"/name = \"two\"/' " + ground->options().profile +
                            " > " + (ground->folder() / "two.toml").string()));
  const Finished two = lvs({"apply", ground->folder() / "two.toml", "--host", "rs1"});
  ASSERT_EQ(two.exit_code, 0) << two.err;
  const std::string both = ground->dump();
  EXPECT_EQ(lvs({"revert", "dr"}).exit_code, 0);
  EXPECT_EQ(ground->dump(), both) << "the second profile holds it all";
  EXPECT_EQ(lvs({"revert", "two"}).exit_code, 0);
  EXPECT_EQ(ground->dump(), before);
}

}  // namespace
}  // namespace lvs::host
