#include <gtest/gtest.h>

#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "profiles/io/silence_probe.h"
#include "tests/support/netns.h"

namespace lvs::profiles {
namespace {

constexpr Ipv4Addr kVip{192, 168, 1, 99};
constexpr Ipv4Addr kRip{192, 168, 1, 91};

/// A host with its own address on eth0 and the VIP on lo.
Result<linux_net::Link> wire_up(const test::Netns& client) {
  LVS_TRY(auto route, linux_net::RouteSocket::open());
  LVS_CHECK(route.add_veth("eth0", "eth0", client.fd()));
  LVS_TRY(const linux_net::Link lo, route.link_named("lo"));
  LVS_TRY(const linux_net::Link eth0, route.link_named("eth0"));
  LVS_CHECK(route.set_up(lo.index));
  LVS_CHECK(route.set_up(eth0.index));
  LVS_CHECK(route.add_address({.link = eth0.index, .addr = kRip, .prefix_len = 24}));
  LVS_CHECK(route.add_address({.link = lo.index, .addr = kVip, .prefix_len = 32}));
  for (const char* key : {"net/ipv4/conf/all/arp_ignore", "net/ipv4/conf/eth0/arp_ignore"})
    LVS_CHECK(linux_net::write_sysctl(key, "0"));
  return eth0;
}

class HostProbe : public testing::Test {
 protected:
  void SetUp() override {
    auto server = test::Netns::make();
    auto client = test::Netns::make();
    if (!server || !client) GTEST_SKIP() << "needs the right to make network namespaces (root)";
    server_.emplace(std::move(*server));
    client_.emplace(std::move(*client));
    const auto link = server_->run([&] { return wire_up(*client_); });
    ASSERT_TRUE(link) << link.error().what;
    link_ = *link;
    // The wire has a far end, which must be up for the near one to send.
    const auto up = client_->run([]() -> Result<void> {
      LVS_TRY(auto route, linux_net::RouteSocket::open());
      LVS_TRY(const linux_net::Link eth0, route.link_named("eth0"));
      return route.set_up(eth0.index);
    });
    ASSERT_TRUE(up) << up.error().what;
  }

  Result<StepNote> probe_with(const std::string& arp_ignore, Ipv4Addr control = kRip) {
    return server_->run([&]() -> Result<StepNote> {
      LVS_CHECK(linux_net::write_sysctl("net/ipv4/conf/eth0/arp_ignore", arp_ignore));
      return probe_silence({"eth0", control, {kVip}}, link_);
    });
  }

  std::optional<test::Netns> server_;
  std::optional<test::Netns> client_;
  linux_net::Link link_;
};

TEST_F(HostProbe, CatchesAHostThatClaimsTheVip) {
  const auto probed = probe_with("0");
  if (probed && probed->skipped) GTEST_SKIP() << probed->text;
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().what,
            "this host answered a question for the VIP 192.168.1.99 on eth0: it would take the "
            "director's traffic");
}

TEST_F(HostProbe, PassesAHostThatStaysSilent) {
  const auto probed = probe_with("1");
  ASSERT_TRUE(probed) << probed.error().what;
  if (probed->skipped) GTEST_SKIP() << probed->text;
}

TEST_F(HostProbe, ProvesNothingWithoutItsControl) {
  const auto probed = probe_with("1", Ipv4Addr{192, 168, 1, 50});
  ASSERT_TRUE(probed) << probed.error().what;
  EXPECT_TRUE(probed->skipped);
}

}  // namespace
}  // namespace lvs::profiles
