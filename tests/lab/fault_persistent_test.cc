#include <gtest/gtest.h>

#include <filesystem>

#include "tests/lab/fault_sweep.h"
#include "tests/lab/role_profiles.h"

// The sweep of fault_test over what outlives a boot: the sysctl.d file before everything else, the
// unit and the link that enables it behind everything else, and a journal among them. And over
// hosts that no shipped profile has: of both families at once, and with a process that takes
// packets out of the tunnel. Nothing stays, neither in the kernel nor on the disk.

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string name;
  std::string profile;
  std::string host;
  bool persistent = true;
};
// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest chose its name
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class MoreFaults : public FaultSweep, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    auto host = HostGround::make_from(GetParam().profile, GetParam().host);
    if (host && GetParam().persistent) {
      const fs::path root = host->folder() / "root";
      fs::create_directories(root / "etc/sysctl.d");
      fs::create_directories(root / "etc/systemd/system/multi-user.target.wants");
      host->options().places.root = root;
      host->options().places.boot_netns = host->netns().path();
      host->options().persistent = true;
    }
    take(std::move(host));
  }
};

std::vector<Case> cases() {
  return {{"persistent_server", kWeb, "rs1"},
          {"persistent_director", kWeb, "lb1"},
          {"both_families_server", kDr, "rs1", false},
          {"both_families_director", kDr, "lb1", false},
          {"decap_process", tun_by("process"), "rs1", false}};
}

INSTANTIATE_TEST_SUITE_P(Hosts, MoreFaults, testing::ValuesIn(cases()),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(MoreFaults, AnyStepThatFailsIsAsIfNothingHadBeen) {
  EXPECT_GE(sweep(Fault::Kind::StepFails), 4);
}
TEST_P(MoreFaults, ADeathAtAnyStepIsRolledBackByTheNextCommand) {
  EXPECT_GE(sweep(Fault::Kind::DiesBeforeStep), 4);
  EXPECT_GE(sweep(Fault::Kind::DiesAfterStep), 4);
}
TEST_P(MoreFaults, ADeathAfterAnyRecordIsRolledBackByTheNextCommand) {
  EXPECT_GE(sweep(Fault::Kind::DiesAfterRecord), 8);
}

}  // namespace
}  // namespace lvs::test
