#include "tests/lab/fault.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "profiles/host/apply.h"
#include "tests/lab/host_ground.h"

// Every step of `apply` fails once, every record cannot be written once, and at each of them the
// process dies once, for a host of each role of each profile that is shipped, on a real kernel. The
// host is as it was afterwards, or as soon as the next command has looked at the journal.

namespace lvs::host {
namespace {

namespace fs = std::filesystem;
using test::Fault;
using test::FaultyKernel;
using test::HostGround;
using test::ShippedHost;

/// One step: intent, done, complete. The header is written before.
constexpr int kFewestRecords = 3;
constexpr int kDied = 200;
constexpr int kNoMessage = 201;

/// Applies with the fault, in a child, so that it can die; its exit status, or kDied.
int apply_with(const HostGround& ground, Fault fault) {
  return ground.netns().run([&] {
    const pid_t child = ::fork();
    if (child == 0) {
      auto loaded = load_host(ground.options());
      auto kernel = profiles::LinuxKernel::open();
      if (!loaded || !kernel) ::_exit(99);
      FaultyKernel faulty(std::move(*kernel), fault);
      std::ostringstream quiet;
      const auto applied = apply_on(**loaded, ground.options(), Purpose::Stay,
                                    {faulty, test::faulty_journal(fault)}, quiet);
      if (applied) ::_exit(0);
      const bool told = applied.error().message.find("made to fail") != std::string::npos;
      ::_exit(told ? static_cast<int>(applied.error().status) : kNoMessage);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? kDied : WEXITSTATUS(status);
  });
}

class Faults : public testing::TestWithParam<ShippedHost> {
 protected:
  void SetUp() override {
    ground = HostGround::make(
        fs::path(LVS_SOURCE_DIR) / "profiles" / (GetParam().profile + ".toml"), GetParam().host);
    if (!ground) GTEST_SKIP() << "needs the right to make network namespaces";
    before = host().dump();
    const HostGround::Ran whole = host().run(apply_profile);
    if (whole.status == ExitStatus::Unsupported)
      GTEST_SKIP() << "this kernel cannot be such a host: " << whole.err;
    ASSERT_EQ(whole.status, ExitStatus::Ok) << whole.out << whole.err;
    ASSERT_NE(host().dump(), before) << "control: the dump sees what apply does";
    take_back("the whole");
  }
  const HostGround& host() const { return *ground; }

  void take_back(const std::string& what) {
    const HostGround::Ran ran = host().run(revert);
    ASSERT_EQ(ran.status, ExitStatus::Ok) << what << ran.out << ran.err;
    ASSERT_EQ(host().dump(), before) << what;
  }

  /// Sweeps until the fault lies behind the end; gives how often it hit.
  int sweep(Fault::Kind kind, int expected) {
    for (int at = 0;; ++at) {
      const std::string what =
          "fault " + std::to_string(static_cast<int>(kind)) + " at " + std::to_string(at) + "\n";
      const int status = apply_with(host(), {kind, at});
      if (status != expected) {
        EXPECT_EQ(status, 0) << what;
        take_back(what);
        return at;
      }
      if (expected == kDied) {
        take_back(what);
      } else {
        EXPECT_EQ(host().dump(), before) << what;
        EXPECT_EQ(host().run(revert).status, ExitStatus::Ok) << what;
      }
      if (HasFatalFailure() || HasFailure()) return at;
    }
  }

  std::unique_ptr<HostGround> ground;
  std::string before;
};

INSTANTIATE_TEST_SUITE_P(Shipped, Faults, testing::ValuesIn(test::shipped_hosts()),
                         [](const auto& instance) { return test::name_of(instance.param); });

TEST_P(Faults, AnyStepThatFailsIsAsIfNothingHadBeen) {
  EXPECT_GE(sweep(Fault::Kind::StepFails, 1), 1);
}

TEST_P(Faults, ADeathAtAnyStepIsRolledBackByTheNextCommand) {
  EXPECT_GE(sweep(Fault::Kind::DiesBeforeStep, kDied), 1);
  EXPECT_GE(sweep(Fault::Kind::DiesAfterStep, kDied), 1);
}

TEST_P(Faults, AnyRecordThatCannotBeWrittenIsAsIfNothingHadBeen) {
  EXPECT_GE(sweep(Fault::Kind::RecordFails, 1), kFewestRecords);
  EXPECT_GE(sweep(Fault::Kind::RecordsFail, 1), kFewestRecords);
}

TEST_P(Faults, ADeathAfterAnyRecordIsRolledBackByTheNextCommand) {
  EXPECT_GE(sweep(Fault::Kind::DiesAfterRecord, kDied), kFewestRecords);
}

}  // namespace
}  // namespace lvs::host
