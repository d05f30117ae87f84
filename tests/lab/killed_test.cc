#include <gtest/gtest.h>
#include <sys/mount.h>

#include <csignal>
#include <filesystem>

#include "net/linux/process.h"
#include "tests/lab/fault.h"
#include "tests/lab/host_ground.h"

// Processes that are killed at every step of an apply, and what lvs-realserver makes of it at its
// next start; and a state folder on a file system that is really full.

namespace lvs::host {
namespace {

namespace fs = std::filesystem;
using linux_net::Finished;
using test::Fault;
using test::HostGround;

constexpr int kKilled = 128 + SIGKILL;

class Killed : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string profile = std::string("profiles/") + GetParam() + ".toml";
    ground = HostGround::make(fs::path(LVS_SOURCE_DIR) / profile, "rs1");
    if (!ground) GTEST_SKIP() << "needs the right to make network namespaces";
    before = ground->dump();
  }

  Finished run(const std::string& name, std::vector<std::string> arguments) const {
    linux_net::Program program;
    program.path = fs::canonical("/proc/self/exe").parent_path() / name;
    program.args = std::move(arguments);
    program.netns_fd = ground->netns().fd();
    auto finished = linux_net::run_program(program, std::chrono::seconds(30));
    EXPECT_TRUE(finished) << finished.error().what;
    return finished ? *finished : Finished{255, "", ""};
  }
  std::string state() const { return *ground->options().state_dir; }
  Finished faulty(Fault fault) const {
    return run("faulty-realserver",
               {std::to_string(static_cast<int>(fault.kind)), std::to_string(fault.at),
                ground->options().profile, "rs1", state()});
  }
  Finished apply() const {
    return run("lvs-realserver",
               {"apply", ground->options().profile, "--host", "rs1", "--state-dir", state()});
  }
  Finished revert() const {
    return run("lvs-realserver", {"revert", GetParam(), "--state-dir", state()});
  }

  /// Kills at every place of this kind until the apply ends before it.
  int sweep(Fault::Kind kind) const {
    for (int at = 0;; ++at) {
      const Finished ended = faulty({kind, at});
      // Every other death is found by an apply first, the others by a revert.
      if (ended.exit_code == kKilled && at % 2 == 0) {
        EXPECT_EQ(apply().exit_code, 0) << at;
      }
      const Finished back = revert();
      EXPECT_EQ(back.exit_code, 0) << at << back.err;
      EXPECT_EQ(ground->dump(), before) << at;
      if (ended.exit_code != kKilled) {
        EXPECT_EQ(ended.exit_code, 0) << at << ended.err;
        return at;
      }
      if (HasFailure()) return at;
    }
  }

  std::unique_ptr<HostGround> ground;
  std::string before;
};

INSTANTIATE_TEST_SUITE_P(Methods, Killed, testing::Values("dr", "tun"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_P(Killed, BeforeAnyStepIsRolledBackAtTheNextStart) {
  EXPECT_GE(sweep(Fault::Kind::DiesBeforeStep), 5);
}
TEST_P(Killed, AfterAnyStepIsRolledBackAtTheNextStart) {
  EXPECT_GE(sweep(Fault::Kind::DiesAfterStep), 5);
}
TEST_P(Killed, AfterAnyRecordIsRolledBackAtTheNextStart) {
  EXPECT_GE(sweep(Fault::Kind::DiesAfterRecord), 10);
}

TEST_P(Killed, NothingIsTouchedWhenTheStateFolderIsFull) {
  fs::create_directories(state());
  if (::mount("tmpfs", state().c_str(), "tmpfs", 0, "size=64k,nr_inodes=32") != 0)
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  const std::string filler = state() + "/filler";
  EXPECT_FALSE(ground->shell("cat /dev/zero > " + filler + " 2>/dev/null"))
      << "control: it is full";
  const Finished refused = apply();
  const std::string now = ground->dump();
  fs::remove(filler);
  const Finished applied = apply();
  ::umount2(state().c_str(), MNT_DETACH);
  EXPECT_EQ(refused.exit_code, 1) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("No space left on device"), std::string::npos) << refused.err;
  EXPECT_EQ(now, before);
  // Smaller than what an apply reserves: it says so before it touches anything.
  EXPECT_EQ(applied.exit_code, 1) << applied.out << applied.err;
  EXPECT_EQ(ground->dump(), before);
}

}  // namespace
}  // namespace lvs::host
