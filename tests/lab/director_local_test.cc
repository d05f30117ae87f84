#include "tests/lab/method_lab.h"

// The field's `nat` example: the VIP is the director's own address, and the director itself is one
// of three servers.

namespace lvs::test {
namespace {

const ServiceOfLab kWeb{.first_real_port = 8080, .servers = {"rs1", "rs2", "lb1"}};

class DirectorLocal : public MethodLab, public testing::WithParamInterface<Shape> {
 protected:
  void SetUp() override { run(GetParam(), {kWeb}); }
  std::string url() const { return url_of(GetParam()) + "/"; }
};

TEST_P(DirectorLocal, IsOneOfTheServersOfItsOwnAddress) {
  EXPECT_EQ(answers(url(), 6), (std::set<std::string>{"rs1\n", "rs2\n", "lb1\n"}));
  EXPECT_GT(counted("local"), 0);
  expect_conserved();
}

TEST_P(DirectorLocal, StoresUploadsLikeTheOthers) {
  const std::string file = random_file(5'000'000);
  for (int i = 0; i < 3; ++i) curl(url() + "upload", "--upload-file " + file);
  std::string sums = sh("client", "sha256sum " + uploaded() + " | cut -c 1-64");
  const std::string sum = checksum("client", file) + "\n";
  EXPECT_EQ(sums, sum + sum + sum);
  expect_conserved();
}

INSTANTIATE_TEST_SUITE_P(All, DirectorLocal,
                         testing::Values(Shape{.name = "Nat4", .method = "nat"},
                                         Shape{.name = "Nat6",
                                               .method = "nat",
                                               .vip = Family::Ipv6,
                                               .server = Family::Ipv6}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lvs::test
