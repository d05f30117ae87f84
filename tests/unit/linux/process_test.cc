#include "net/linux/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>

#include "net/linux/file.h"

// Deadlines here are far away where a program must end by itself, and already over where it must be
// ended: no test depends on how fast the host is.

namespace lvs::linux_net {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLong = 60s;

Program shell(const std::string& script) {
  return {.path = "sh", .args = {"-c", script}, .extra_environment = {}, .input = {}};
}

TEST(RunProgram, GivesOutputsAndExitCode) {
  const auto done = run_program(shell("echo out; echo err >&2; exit 3"), kLong);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->out, "out\n");
  EXPECT_EQ(done->err, "err\n");
  EXPECT_EQ(done->exit_code, 3);
}

TEST(RunProgram, ASignalIsOneHundredTwentyEightMore) {
  EXPECT_EQ(run_program(shell("kill -KILL $$"), kLong)->exit_code, 128 + SIGKILL);
}

TEST(RunProgram, GivesTheInputAndNothingWithoutOne) {
  Program cat{
      .path = "cat", .args = {}, .extra_environment = {}, .input = std::string(300000, 'x')};
  EXPECT_EQ(run_program(cat, kLong)->out, cat.input);
  cat.input.clear();
  EXPECT_EQ(run_program(cat, kLong)->out, "");
}

TEST(RunProgram, AddsToTheEnvironmentAndWinsOverIt) {
  Program program = shell("echo $LVS_TEST $HOME");
  program.extra_environment = {"LVS_TEST=yes", "HOME=/elsewhere"};
  EXPECT_EQ(run_program(program, kLong)->out, "yes /elsewhere\n");
}

TEST(RunProgram, SaysThatAProgramIsNotThere) {
  const auto in_path = run_program({.path = "no-such-program-here"}, kLong);
  ASSERT_FALSE(in_path);
  EXPECT_EQ(in_path.error().sys_errno, ENOENT);
  const auto absolute = run_program({.path = "/no/such/program"}, kLong);
  ASSERT_FALSE(absolute);
  EXPECT_EQ(absolute.error().what, "execute /no/such/program: No such file or directory");
}

TEST(RunProgram, EndsAProgramAtTheDeadlineAndKeepsWhatItPrinted) {
  const auto done = run_program(shell("echo before; exec sleep 1000"), 300ms);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sys_errno, ETIMEDOUT);
  EXPECT_NE(done.error().what.find("before"), std::string::npos) << done.error().what;
}

TEST(RunProgram, EndsAProgramThatIgnoresSigterm) {
  const auto done = run_program(shell("trap '' TERM; while :; do sleep 0.05; done"), 100ms);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sys_errno, ETIMEDOUT);
}

TEST(RunProgram, DoesNotWaitForAGrandchildThatKeepsThePipes) {
  const auto done = run_program(shell("sleep 20 & echo $!"), kLong);
  ASSERT_TRUE(done) << done.error().what;
  const pid_t grandchild = std::stoi(done->out);
  EXPECT_EQ(::kill(grandchild, SIGKILL), 0) << "it must still be there";
}

TEST(RunProgram, CutsEndlessOutputAndSaysSo) {
  const auto done = run_program(shell("head -c 20000000 /dev/zero"), kLong);
  ASSERT_TRUE(done);
  EXPECT_LT(done->out.size(), 17U * 1024 * 1024);
  EXPECT_TRUE(done->out.ends_with("[cut: more than 16 MiB]\n"));
}

TEST(RunProgram, LeavesTheProgramNoDescriptorOfOurs) {
  const int leaky = ::dup(STDERR_FILENO);  // no CLOEXEC
  const auto done = run_program(shell("test -e /proc/self/fd/" + std::to_string(leaky)), kLong);
  ::close(leaky);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 1);
}

TEST(ChildProcess, RunsBesideUsAndTellsItsEnd) {
  auto child = ChildProcess::start(shell("exit 5"), {});
  ASSERT_TRUE(child) << child.error().what;
  EXPECT_EQ(child->wait_until(Clock::now() + kLong), 5);
  EXPECT_FALSE(child->running());
  EXPECT_EQ(child->signal(SIGTERM).error().sys_errno, ESRCH);
}

TEST(ChildProcess, TellsThatItStillRuns) {
  auto child = ChildProcess::start(shell("exec sleep 1000"), {});
  ASSERT_TRUE(child);
  EXPECT_TRUE(child->running());
  EXPECT_EQ(child->wait_until(Clock::now()), std::nullopt);
  ASSERT_TRUE(child->signal(SIGKILL));
  EXPECT_EQ(child->wait_until(Clock::now() + kLong), 128 + SIGKILL);
}

TEST(ChildProcess, IsEndedWithTheObject) {
  pid_t pid = -1;
  {
    auto child = ChildProcess::start(shell("exec sleep 1000"), {});
    ASSERT_TRUE(child);
    pid = child->pid();
    EXPECT_TRUE(process_start_time(pid));
  }
  EXPECT_FALSE(process_start_time(pid));
}

TEST(ChildProcess, RunsOnAfterRelease) {
  pid_t pid = -1;
  {
    auto child = ChildProcess::start(shell("exec sleep 1000"), {.own_session = true});
    ASSERT_TRUE(child);
    pid = child->release();
  }
  EXPECT_TRUE(process_start_time(pid));
  EXPECT_EQ(::getsid(pid), pid);
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
}

TEST(ChildProcess, WritesIntoItsLog) {
  const std::string log = testing::TempDir() + "lvs_child_" + std::to_string(::getpid());
  auto child = ChildProcess::start(shell("echo out; echo err >&2"), {.log_path = log});
  ASSERT_TRUE(child);
  ASSERT_EQ(child->wait_until(Clock::now() + kLong), 0);
  EXPECT_EQ(*read_small_file(log), "out\nerr\n");
  ASSERT_EQ(std::remove(log.c_str()), 0);
}

TEST(ChildProcess, MovesWithoutEndingWhatMoved) {
  auto first = ChildProcess::start(shell("exec sleep 1000"), {});
  ASSERT_TRUE(first);
  ChildProcess second = *std::move(first);
  EXPECT_TRUE(second.running());
  second = *ChildProcess::start(shell("exec sleep 1000"), {});
  EXPECT_TRUE(second.running());
}

TEST(ProcessStartTime, TellsProcessesApart) {
  EXPECT_EQ(process_start_time(::getpid()), process_start_time(::getpid()));
  EXPECT_EQ(process_start_time(-5), std::nullopt);
}

TEST(ProcessStartTime, CountsFieldsBehindTheName) {
  // Field 22 read by hand: our own name has no spaces.
  const auto stat = read_small_file("/proc/self/stat");
  ASSERT_TRUE(stat);
  std::size_t at = 0;
  for (int field = 1; field < 22; ++field) at = stat->find(' ', at) + 1;
  EXPECT_EQ(process_start_time(::getpid()), std::stoull(stat->substr(at)));
}

}  // namespace
}  // namespace lvs::linux_net
