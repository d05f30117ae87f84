#include "tests/lab/method_lab.h"

// A director of each method and family, with programs that are not ours: curl and nginx, 100 MB
// both ways with offloads on, and datagrams. What is judged is what arrived.

namespace lvs::test {
namespace {

const ServiceOfLab kWeb{.first_real_port = 8080};
const ServiceOfLab kEcho{.protocol = "udp", .port = 5353, .first_real_port = 5300};

class DirectorMethods : public MethodLab, public testing::WithParamInterface<Shape> {
 protected:
  void SetUp() override {
    run(GetParam(), {kWeb, kEcho});
    const bool is_counted = GetParam().method != "tun";
    if (is_counted && !HasFatalFailure() && !IsSkipped()) watch_peers(GetParam());
  }
  std::string url() const { return url_of(GetParam()) + "/"; }
};

TEST_P(DirectorMethods, ServesEveryServerInTurn) {
  EXPECT_EQ(answers(url(), 6), (std::set<std::string>{"rs1\n", "rs2\n"}));
  expect_conserved();
}

TEST_P(DirectorMethods, Carries100MegabytesDown) {
  const std::string got = cluster().scratch() / "got";
  curl(url() + "big", "--output " + got);
  EXPECT_EQ(checksum("client", got), checksum_of_big());
  expect_conserved();
}

TEST_P(DirectorMethods, Carries100MegabytesUp) {
  curl(url() + "upload", "--upload-file $(find " + cluster().scratch().string() + " -name big)");
  EXPECT_EQ(checksum("client", uploaded()), checksum_of_big());
  expect_conserved();
}

TEST_P(DirectorMethods, CarriesDatagramsAlsoThoseThatAreFragmented) {
  for (const int length : {5, 1472, 3000, 60000})
    EXPECT_EQ(echoed_length(vip_of(GetParam()), kEcho.port, length), std::to_string(length));
  expect_conserved();
}

INSTANTIATE_TEST_SUITE_P(All, DirectorMethods, testing::ValuesIn(every_shape()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lvs::test
