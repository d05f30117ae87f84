#include <gtest/gtest.h>

#include <filesystem>

#include "tests/lab/fault_sweep.h"

// Every step of `apply` fails once, every record cannot be written once, and at each of them the
// process dies once, for a host of each role of each profile that is shipped, on a real kernel. The
// host is as it was afterwards, or as soon as the next command has looked at the journal.

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

/// One step: intent, done, complete. The header is written before.
constexpr int kFewestRecords = 3;

class Faults : public FaultSweep, public testing::WithParamInterface<ShippedHost> {
 protected:
  void SetUp() override {
    const std::string profile = GetParam().profile + ".toml";
    take(HostGround::make(fs::path(LVS_SOURCE_DIR) / "profiles" / profile, GetParam().host));
  }
};

INSTANTIATE_TEST_SUITE_P(Shipped, Faults, testing::ValuesIn(shipped_hosts()),
                         [](const auto& instance) { return name_of(instance.param); });

TEST_P(Faults, AnyStepThatFailsIsAsIfNothingHadBeen) {
  EXPECT_GE(sweep(Fault::Kind::StepFails), 1);
}

TEST_P(Faults, ADeathAtAnyStepIsRolledBackByTheNextCommand) {
  EXPECT_GE(sweep(Fault::Kind::DiesBeforeStep), 1);
  EXPECT_GE(sweep(Fault::Kind::DiesAfterStep), 1);
}

TEST_P(Faults, AnyRecordThatCannotBeWrittenIsAsIfNothingHadBeen) {
  EXPECT_GE(sweep(Fault::Kind::RecordFails), kFewestRecords);
  EXPECT_GE(sweep(Fault::Kind::RecordsFail), kFewestRecords);
}

TEST_P(Faults, ADeathAfterAnyRecordIsRolledBackByTheNextCommand) {
  EXPECT_GE(sweep(Fault::Kind::DiesAfterRecord), kFewestRecords);
}

}  // namespace
}  // namespace lvs::test
