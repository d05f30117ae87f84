// A real server of tun, set up by the program: clients' packets that somebody wraps reach both
// VIPs.

#include <unistd.h>

#include <memory>
#include <string>

#include "net/linux/rtnetlink.h"
#include "tests/lab/role_lab.h"
#include "tests/lab/role_profiles.h"
#include "tests/lab/tunnel_sender.h"

namespace lvs::test {
namespace {

constexpr IpAddr kClient4 = Ipv4Addr(192, 168, 1, 1);
constexpr IpAddr kRip4 = Ipv4Addr(192, 168, 1, 91);

constexpr IpAddr in_network(std::uint8_t last) {
  return Ipv6Addr({0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
}
constexpr IpAddr kClient6 = in_network(0x01);
constexpr IpAddr kRip6 = in_network(0x91);

class TunRole : public RoleLab, public testing::WithParamInterface<const char*> {
 protected:
  /// A director of the test's, in the client's own namespace.
  std::unique_ptr<TunnelSender> start_director() {
    const MacAddr server = mac("rs1", "eth0");
    auto sender = in("c1", [&]() -> std::unique_ptr<TunnelSender> {
      auto director = std::make_unique<TunnelSender>("tun0", false);
      auto routes = linux_net::RouteSocket::open();
      const auto link = routes->link_named("eth0");
      const bool started = director->ready() && link &&
                           director->start(*link, server, ipip(kClient4, kRip4, Family::Ipv4),
                                           ipip(kClient6, kRip6, Family::Ipv6));
      if (!started) director.reset();
      return director;
    });
    sh("c1",
       "ip link set tun0 up mtu 1400 && ip route add 192.168.1.99 dev tun0 src 192.168.1.1 && "
       "ip -6 route add 2001:db8:1::99 dev tun0 src 2001:db8:1::1");
    return sender;
  }
  int get(const std::string& vip) {
    return try_sh("c1", "curl -sS --connect-timeout 2 -m 10 http://" + vip + "/ | grep -x rs1");
  }
};

INSTANTIATE_TEST_SUITE_P(EachWay, TunRole, testing::Values("bpf", "process"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_P(TunRole, BringsTheVipsOfBothFamiliesToClients) {
  if (access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "needs /dev/net/tun";
  up(tun_by(GetParam()));
  if (HasFatalFailure() || IsSkipped()) return;
  const std::string before = dump("rs1");
  our_command("apply", "rs1");
  our_command("check", "rs1");
  const auto director = start_director();
  ASSERT_NE(director, nullptr);
  EXPECT_EQ(get("192.168.1.99"), 0);
  EXPECT_EQ(get("[2001:db8:1::99]"), 0);
  our_command("revert", "rs1");
  EXPECT_NE(get("192.168.1.99"), 0) << "control: what is not set up gives no page";
  EXPECT_EQ(dump("rs1"), before);
}

}  // namespace
}  // namespace lvs::test
