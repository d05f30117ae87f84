#include <gtest/gtest.h>

#include <sstream>

#include "net/linux/reach.h"
#include "net/wire/addr_text.h"
#include "profiles/host/apply.h"
#include "profiles/io/linux_kernel.h"
#include "tests/lab/host_ground.h"
#include "tests/lab/role_profiles.h"

// The connectivity probes of a host, against a neighbour that answers and a network that does not.

namespace lvs::host {
namespace {

using linux_net::NeighbourTarget;
using linux_net::PingTarget;
using linux_net::TcpTarget;
using test::HostGround;

class ProbesLab : public testing::Test {
 protected:
  void SetUp() override {
    const std::string probes =
        "probe = [\"ping 192.168.1.1\", \"arp 192.168.1.1\", \"ping 192.168.1.77\"]\n";
    ground = HostGround::make_from(test::kWeb + probes, "rs1");
    if (!ground) GTEST_SKIP() << "needs the right to make network namespaces";
    ASSERT_TRUE(ground->shell_on_wire("ip link set lo up; ip addr add 192.168.1.1/24 dev wire0"));
  }
  std::unique_ptr<HostGround> ground;
};

TEST_F(ProbesLab, TellWhoAnswersAndWhoDoesNot) {
  const IpAddr there = *parse_ip("192.168.1.1");
  const IpAddr nobody = *parse_ip("192.168.1.77");
  const auto reached = ground->netns().run([&] {
    return linux_net::reach({PingTarget{there}, NeighbourTarget{there}, PingTarget{nobody},
                             NeighbourTarget{nobody}, TcpTarget{there, Port{9}}});
  });
  ASSERT_EQ(reached.size(), 5U);
  EXPECT_TRUE(reached[0].yes) << reached[0].why;
  EXPECT_TRUE(reached[1].yes) << reached[1].why;
  EXPECT_FALSE(reached[2].yes);
  EXPECT_FALSE(reached[3].yes);
  EXPECT_FALSE(reached[4].yes);
  EXPECT_NE(reached[4].why.find("Connection refused"), std::string::npos) << reached[4].why;
}

TEST_F(ProbesLab, ThatFailedBeforeAreToldAndDoNotCount) {
  const HostGround::Ran ran = ground->run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.err;
  EXPECT_NE(ran.out.find("probe ping 192.168.1.77"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("does not count"), std::string::npos) << ran.out;
}

/// Under which the neighbour goes away while a step is made.
class CuttingKernel : public profiles::Kernel {
 public:
  CuttingKernel(profiles::LinuxKernel kernel, const HostGround& ground)
      : kernel_(std::move(kernel)), ground_(ground) {}
  Result<profiles::Abilities> abilities() override { return kernel_.abilities(); }
  Result<profiles::Snapshot> snapshot(const profiles::Look& look) override {
    return kernel_.snapshot(look);
  }
  Result<profiles::StepNote> carry_out(const profiles::Step& step) override {
    ground_.shell_on_wire("ip addr flush dev wire0");
    return kernel_.carry_out(step);
  }

 private:
  profiles::LinuxKernel kernel_;
  const HostGround& ground_;
};

TEST_F(ProbesLab, ThatPassedBeforeAndFailAfterRollEverythingBack) {
  const std::string before = ground->dump();
  const auto message = ground->netns().run([&]() -> std::string {
    auto loaded = load_host(ground->options());
    auto kernel = profiles::LinuxKernel::open();
    if (!loaded || !kernel) return "not begun";
    CuttingKernel cutting(std::move(*kernel), *ground);
    std::ostringstream quiet;
    const auto applied = apply_on(**loaded, ground->options(), Purpose::Stay, {cutting}, quiet);
    if (applied || applied.error().status != ExitStatus::Failed) return "not failed";
    return applied.error().message;
  });
  EXPECT_NE(message.find("not reached any more: ping 192.168.1.1"), std::string::npos) << message;
  EXPECT_NE(message.find("everything was rolled back"), std::string::npos) << message;
  EXPECT_NE(message.find("after the roll-back still not reached"), std::string::npos) << message;
  EXPECT_EQ(ground->dump(), before);
}

}  // namespace
}  // namespace lvs::host
