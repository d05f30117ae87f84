#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <poll.h>

#include <algorithm>
#include <functional>

#include "net/linux/rtnetlink.h"
#include "tests/lab/host_ground.h"
#include "tests/lab/linux_support.h"
#include "tests/lab/role_profiles.h"

// A VIP that another host of the network has as well. The kernel lists it like any other address
// and takes no packet for it.

namespace lvs::host {
namespace {

using linux_net::RouteEvents;
using linux_net::RouteSocket;
using test::HostGround;

std::string director_of_dr6() {
  return test::one_service("dr6", "dr", "\"2001:db8:1::99\"") +
         test::one_nic("lb1", "director", "\"2001:db8:1::90/64\"") +
         test::one_nic("rs1", "realserver", "\"2001:db8:1::91/64\"");
}

class Duplicate : public testing::Test {
 protected:
  void SetUp() override {
    ground = HostGround::make_from(director_of_dr6(), "lb1");
    if (!ground) GTEST_SKIP() << "needs the right to make network namespaces";
    ASSERT_TRUE(until([] {
      const auto link = RouteSocket::open()->link_named("eth0");
      return link && link->oper_state == IF_OPER_UP;
    })) << "eth0 has no carrier";
  }

  /// Looks again at each event of the host's kernel, until it is so or the time for it is over.
  bool until(const std::function<bool()>& it_is_so) const {
    return ground->netns().run([&] {
      auto events = RouteEvents::open();
      const auto deadline = linux_net::soon();
      while (!it_is_so()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd readable{events->fd(), POLLIN, 0};
        if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) != 1)
          return false;
        if (!events->pending()) return false;
      }
      return true;
    });
  }
  /// Somebody puts the VIP on the director's NIC, as an address that is asked for first and that
  /// the host does not send from.
  bool add_vip() const {
    return ground->shell(
        "echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad\n"
        "ip -6 address add 2001:db8:1::99/128 dev eth0 preferred_lft 0");
  }
  static bool has_flag(std::uint32_t flag) {
    const auto addresses = RouteSocket::open()->addresses();
    return std::any_of(addresses->begin(), addresses->end(), [&](const auto& address) {
      return address.prefix_len == 128 && (address.flags & flag) != 0;
    });
  }

  std::unique_ptr<HostGround> ground;
};

TEST_F(Duplicate, AVipThatFailedItsDetectionIsAFinding) {
  ASSERT_TRUE(ground->shell_on_wire("ip -6 address add 2001:db8:1::99/64 dev wire0 nodad"));
  ASSERT_TRUE(add_vip());
  ASSERT_TRUE(until([] { return has_flag(IFA_F_DADFAILED); }));
  ASSERT_EQ(ground->run(apply_profile).status, ExitStatus::Ok) << "it is there already: adopted";

  HostGround::Ran ran = ground->run(check);
  EXPECT_EQ(ran.status, ExitStatus::Differs) << ran.out;
  EXPECT_NE(ran.out.find("VIP 2001:db8:1::99 is on eth0 of lb1, but not in use: its duplicate "
                         "address detection failed"),
            std::string::npos)
      << ran.out;

  // What the finding says helps.
  ASSERT_TRUE(ground->shell_on_wire("ip -6 address delete 2001:db8:1::99/64 dev wire0"));
  ASSERT_TRUE(ground->shell("ip -6 address delete 2001:db8:1::99/128 dev eth0"));
  ran = ground->run(apply_profile);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.out << ran.err;
  ran = ground->run(check);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.out;
  EXPECT_TRUE(ground->netns().run([] { return !has_flag(IFA_F_TENTATIVE | IFA_F_DADFAILED); }));
  EXPECT_EQ(ground->run(revert).status, ExitStatus::Ok);
}

TEST_F(Duplicate, AVipThatPassedItsDetectionIsNone) {
  ASSERT_TRUE(add_vip());
  ASSERT_TRUE(until([] { return has_flag(IFA_F_PERMANENT) && !has_flag(IFA_F_TENTATIVE); }));
  ASSERT_EQ(ground->run(apply_profile).status, ExitStatus::Ok);
  const HostGround::Ran ran = ground->run(check);
  EXPECT_EQ(ran.status, ExitStatus::Ok) << ran.out;
  EXPECT_EQ(ground->run(revert).status, ExitStatus::Ok);
}

TEST_F(Duplicate, AVipWhoseDetectionRunsIsAFindingUntilItEnds) {
  // More probes than the test has time for.
  ASSERT_TRUE(ground->shell("echo 250 > /proc/sys/net/ipv6/conf/eth0/dad_transmits"));
  ASSERT_TRUE(add_vip());
  const HostGround::Ran ran = ground->run(check);
  EXPECT_NE(ran.out.find("(tentative)"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace lvs::host
