#include "tests/lab/fault_sweep.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "profiles/host/apply.h"

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

constexpr int kNoMessage = 201;
constexpr int kNotBegun = 99;

/// What is below the folder that stands for the root of the system, without the folders themselves.
std::string files_below(const std::string& root) {
  std::vector<std::string> lines;
  if (root.empty()) return {};
  for (const auto& item : fs::recursive_directory_iterator(root)) {
    if (item.is_symlink()) {
      lines.push_back(item.path().string() + " -> " + fs::read_symlink(item.path()).string());
    } else if (!item.is_directory()) {
      std::ostringstream text;
      text << std::ifstream(item.path()).rdbuf();
      lines.push_back(item.path().string() + "\n" + text.str());
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string all = "== files\n";
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

/// How many processes are in the namespace: none that a test has not started, and nobody who was
/// started by what died.
std::string processes_in(const Netns& netns) {
  struct stat own {};
  ::stat(netns.path().c_str(), &own);
  int count = 0;
  for (const auto& item : fs::directory_iterator("/proc")) {
    struct stat other {};
    const std::string path = item.path().string() + "/ns/net";
    if (std::isdigit(static_cast<unsigned char>(item.path().filename().string()[0])) != 0 &&
        ::stat(path.c_str(), &other) == 0 && other.st_ino == own.st_ino)
      ++count;
  }
  return "== processes\n" + std::to_string(count) + "\n";
}

}  // namespace

int apply_with(const HostGround& ground, Fault fault) {
  return ground.netns().run([&] {
    const pid_t child = ::fork();
    if (child == 0) {
      auto loaded = host::load_host(ground.options());
      auto kernel = profiles::LinuxKernel::open();
      if (!loaded || !kernel) ::_exit(kNotBegun);
      FaultyKernel faulty(std::move(*kernel), fault);
      std::ostringstream quiet;
      const auto applied = host::apply_on(**loaded, ground.options(), host::Purpose::Stay,
                                          {faulty, faulty_journal(fault)}, quiet);
      if (applied) ::_exit(0);
      const bool told = applied.error().message.find("made to fail") != std::string::npos;
      ::_exit(told ? static_cast<int>(applied.error().status) : kNoMessage);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? kDied : WEXITSTATUS(status);
  });
}

void FaultSweep::take(std::unique_ptr<HostGround> host) {
  ground_ = std::move(host);
  if (!ground_) GTEST_SKIP() << "needs the right to make network namespaces";
  before_ = state();
  const HostGround::Ran whole = ground_->run(host::apply_profile);
  if (whole.status == ExitStatus::Unsupported)
    GTEST_SKIP() << "this kernel cannot be such a host: " << whole.err;
  ASSERT_EQ(whole.status, ExitStatus::Ok) << whole.out << whole.err;
  ASSERT_NE(state(), before_) << "control: it is seen what apply does";
  take_back("the whole");
}

std::string FaultSweep::state() const {
  return ground_->dump() + files_below(ground_->options().places.root) +
         processes_in(ground_->netns());
}

void FaultSweep::take_back(const std::string& what) {
  const HostGround::Ran ran = ground_->run(host::revert);
  ASSERT_EQ(ran.status, ExitStatus::Ok) << what << ran.out << ran.err;
  ASSERT_EQ(state(), before_) << what;
}

int FaultSweep::sweep(Fault::Kind kind) {
  const bool dies = kind == Fault::Kind::DiesBeforeStep || kind == Fault::Kind::DiesAfterStep ||
                    kind == Fault::Kind::DiesAfterRecord;
  const int expected = dies ? kDied : static_cast<int>(ExitStatus::Failed);
  for (int at = 0;; ++at) {
    const std::string what =
        "fault " + std::to_string(static_cast<int>(kind)) + " at " + std::to_string(at) + "\n";
    const int status = apply_with(*ground_, {kind, at});
    if (status != expected) {
      EXPECT_EQ(status, 0) << what;
      take_back(what);
      return at;
    }
    if (dies) {
      take_back(what);
    } else {
      EXPECT_EQ(state(), before_) << what;
      EXPECT_EQ(ground_->run(host::revert).status, ExitStatus::Ok) << what;
    }
    if (HasFailure()) return at;
  }
}

}  // namespace lvs::test
