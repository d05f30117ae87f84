#include <fstream>

#include "tests/lab/role_lab.h"
#include "tests/lab/role_profiles.h"

// What `export --format sh` prints does what `apply` does, on every host of each method. Not with
// IPv6 behind nat: the script must suit kernels before 6.17 too, so it forwards by another switch.

namespace lvs::test {
namespace {

struct Case {
  const char* name;
  std::string profile;
};

class ExportedScript : public RoleLab, public testing::WithParamInterface<Case> {
 protected:
  /// The marks of ownership that ip(8) cannot make.
  static std::string without_marks(std::string text) {
    for (const std::string mark : {" proto 0x4c", " proto 76"})
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark))
        text.erase(at, mark.size());
    return text;
  }
  void run_script(const std::string& host, const std::string& verb) {
    sh(host, "LVSKIT_SCRIPT_STATE=" + state(host) + " sh " + script(host) + " " + verb);
  }
  std::string script(const std::string& host) { return cluster().profile() + "." + host + ".sh"; }
  std::string state(const std::string& host) { return cluster().profile() + "." + host + ".state"; }

  void expect_same(const verify::HostPart& part) {
    const std::string before = dump(part.host);
    our_command("apply", part.host);
    const std::string applied = dump(part.host);
    our_command("revert", part.host);
    std::ofstream(script(part.host))
        << cluster().ok_on(part.host, {part.program, "export", "--format", "sh", "--host",
                                       part.host, cluster().profile()});
    run_script(part.host, "up");
    EXPECT_EQ(without_marks(dump(part.host)), without_marks(applied)) << part.host;
    run_script(part.host, "down");
    EXPECT_EQ(dump(part.host), before) << part.host;
  }
};

INSTANTIATE_TEST_SUITE_P(Profiles, ExportedScript,
                         testing::Values(Case{"DrOfBothFamilies", kDr}, Case{"DrRouted", kRouted},
                                         Case{"Nat", kNat}),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(ExportedScript, MakesWhatApplyMakesAndTakesItBack) {
  up(GetParam().profile);
  if (HasFatalFailure() || IsSkipped()) return;
  for (const verify::HostPart& part : parts()) expect_same(part);
}

}  // namespace
}  // namespace lvs::test
