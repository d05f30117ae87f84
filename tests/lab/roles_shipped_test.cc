#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "net/linux/process.h"

// Every shipped profile, proven by `lvs-verify lab test`, as root and as an ordinary user.

namespace lvs::verify {
namespace {

namespace fs = std::filesystem;

struct Shipped {
  const char* profile;
  bool ordinary_user;
};

std::string name_of(const testing::TestParamInfo<Shipped>& instance) {
  std::string name = instance.param.profile;
  for (char& c : name)
    if (c == '-') c = '_';
  return name + (instance.param.ordinary_user ? "_as_a_user" : "_as_root");
}

class ShippedProfile : public testing::TestWithParam<Shipped> {
 protected:
  void SetUp() override {
    if (GetParam().ordinary_user && geteuid() != 0) GTEST_SKIP() << "root becomes a user here";
    if (!GetParam().ordinary_user && geteuid() != 0) GTEST_SKIP() << "needs root";
    std::string pattern = (fs::temp_directory_path() / "lvskit-shipped-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    // The checkout may lie where only root can go, as below /root.
    ASSERT_EQ(chmod(pattern.c_str(), 0755), 0);
    const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
    for (const char* name : {"lvs-verify", "lvs-realserver", "lvs-director"})
      fs::copy_file(bin / name, folder_ / name);
    fs::copy_file(fs::path(LVS_SOURCE_DIR) / "profiles" / (GetParam().profile + toml_), profile());
    fs::create_directory(folder_ / "state");
    ASSERT_EQ(chown((folder_ / "state").c_str(), user(), user()), 0);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  static uid_t user() { return GetParam().ordinary_user ? 65534 : 0; }
  fs::path profile() const { return folder_ / "profile.toml"; }

  linux_net::Finished lab_test() const {
    std::vector<std::string> args{"--reuid", std::to_string(user()), "--regid",
                                  std::to_string(user()), "--clear-groups"};
    args.insert(args.end(), {folder_ / "lvs-verify", "lab", "test", profile(), "--connections",
                             "10", "--state-dir", folder_ / "state"});
    const auto done =
        linux_net::run_program({.path = "setpriv", .args = args}, std::chrono::seconds(240));
    EXPECT_TRUE(done) << done.error().what;
    return done ? *done : linux_net::Finished{.exit_code = -1};
  }

  const std::string toml_ = ".toml";
  fs::path folder_;
};

INSTANTIATE_TEST_SUITE_P(Lab, ShippedProfile,
                         testing::Values(Shipped{"dr-one-subnet", false},
                                         Shipped{"dr-routed", false}, Shipped{"dr-routed", true},
                                         Shipped{"nat", false}, Shipped{"nat", true},
                                         Shipped{"tun", false}, Shipped{"tun", true},
                                         Shipped{"persistent-https", false},
                                         Shipped{"persistent-ftp", false},
                                         Shipped{"catch-all", true}, Shipped{"mark", false}),
                         name_of);

/// Persistence says which server a client stays on, and rr which one it is given first.
TEST(ShippedProfiles, AreNotProvenByADirectorThatAlwaysTakesTheFirstServer) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  std::string folder = (fs::temp_directory_path() / "lvskit-shipped-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
  fs::copy_file(bin / "lvs-verify", fs::path(folder) / "lvs-verify");
  fs::copy_file(bin / "lvs-realserver", fs::path(folder) / "lvs-realserver");
  fs::copy_file(bin / "broken-director", fs::path(folder) / "lvs-director");
  const auto done = linux_net::run_program(
      {.path = fs::path(folder) / "lvs-verify",
       .args = {"lab", "test", fs::path(LVS_SOURCE_DIR) / "profiles" / "mark.toml", "--name",
                "broken", "--connections", "8", "--state-dir", folder}},
      std::chrono::seconds(120));
  fs::remove_all(folder);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->exit_code, 2) << done->out << done->err;
  EXPECT_NE(done->out.find("mark-1: new clients are not given servers in rr order"),
            std::string::npos)
      << done->out;
}

TEST_P(ShippedProfile, IsSetUpProvenAndTakenBack) {
  const linux_net::Finished done = lab_test();
  if (done.exit_code == 77) GTEST_SKIP() << done.err;
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_NE(done.out.find("PASS  owner "), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("PASS  teardown.revert"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("PASS  rotation.answers"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("PASS  rotation.order"), std::string::npos) << done.out;
  EXPECT_EQ(done.out.find("does not forward"), std::string::npos) << done.out;
}

}  // namespace
}  // namespace lvs::verify
