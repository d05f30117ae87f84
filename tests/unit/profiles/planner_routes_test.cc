// A gateway that must lead, a setting that must be lowered, and a neighbour that must not move:
// wishes whose steps depend on what is there.

#include "tests/support/dr_cluster.h"
#include "tests/support/fake_kernel.h"
#include "tests/unit/profiles/desired_cases.h"

namespace lvs::profiles {
namespace {

using test::FakeHost;
using test::FakeKernel;

RouteFact default_by(const IpAddr& gateway, std::uint32_t metric) {
  RouteFact route;
  route.destination = gateway.is_v4() ? Prefix{Ipv4Addr{}, 0} : Prefix{Ipv6Addr{}, 0};
  route.gateway = gateway;
  route.link = "eth0";
  route.metric = metric;
  return route;
}

constexpr IpAddr kDip = Ipv4Addr{192, 168, 1, 90};
constexpr IpAddr kOther = Ipv4Addr{192, 168, 1, 1};
constexpr IpAddr kDip6 = Ipv6Addr{{0xfd, 1}};
constexpr IpAddr kOther6 = Ipv6Addr{{0xfd, 2}};

Desired wants(Wish wish) {
  Desired desired;
  desired.profile = "web";
  desired.wishes = {std::move(wish)};
  return desired;
}
Desired wants_gateway(const IpAddr& gateway) {
  return wants(DefaultRouteWish{gateway, "eth0", "nat"});
}

Lines steps_with(FakeKernel& kernel, const IpAddr& gateway, std::vector<RouteFact> routes) {
  kernel.now = test::fresh_host(Ipv4Addr{192, 168, 1, 91});
  kernel.now.routes = std::move(routes);
  const Snapshot before = kernel.now;
  FakeHost host{kernel, wants_gateway(gateway)};
  Lines lines = host.plan().conflicts;
  for (const PlannedStep& planned : host.plan().steps) lines.push_back(diff_text(planned.step));
  if (!host.plan().conflicts.empty()) return lines;
  EXPECT_TRUE(host.run());
  EXPECT_TRUE(host.plan().in_sync());
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, before);
  return lines;
}

TEST(DefaultRoute, HasOurMetricWhereThereIsNoOther) {
  FakeKernel kernel;
  EXPECT_EQ(steps_with(kernel, kDip, {}),
            Lines{"route 0.0.0.0/0 via 192.168.1.90 dev eth0 proto 76 metric 76"});
}

TEST(DefaultRoute, GoesBelowTheMetricThatIsThere) {
  FakeKernel kernel;
  EXPECT_EQ(steps_with(kernel, kDip, {default_by(kOther, 100)}),
            Lines{"route 0.0.0.0/0 via 192.168.1.90 dev eth0 proto 76 metric 76"});
  EXPECT_EQ(steps_with(kernel, kDip, {default_by(kOther, 76), default_by(kOther, 20)}),
            Lines{"route 0.0.0.0/0 via 192.168.1.90 dev eth0 proto 76 metric 19"});
  EXPECT_EQ(steps_with(kernel, kDip6, {default_by(kOther6, 1024)}),
            Lines{"route ::/0 via fd01:: dev eth0 proto 76 metric 76"});
  EXPECT_EQ(steps_with(kernel, kDip6, {default_by(kOther6, 2)}),
            Lines{"route ::/0 via fd01:: dev eth0 proto 76 metric 1"});
}

TEST(DefaultRoute, IsTwoHalvesWhereNoMetricIsLower) {
  FakeKernel kernel;
  EXPECT_EQ(steps_with(kernel, kDip, {default_by(kOther, 0)}),
            (Lines{"route 0.0.0.0/1 via 192.168.1.90 dev eth0 proto 76",
                   "route 128.0.0.0/1 via 192.168.1.90 dev eth0 proto 76"}));
  EXPECT_EQ(steps_with(kernel, kDip6, {default_by(kOther6, 1)}),
            (Lines{"route ::/1 via fd01:: dev eth0 proto 76 metric 76",
                   "route 8000::/1 via fd01:: dev eth0 proto 76 metric 76"}));
}

TEST(DefaultRoute, IsAdoptedWhereItLeadsAlready) {
  FakeKernel kernel;
  EXPECT_TRUE(steps_with(kernel, kDip, {default_by(kDip, 5), default_by(kOther, 100)}).empty());
  EXPECT_EQ(steps_with(kernel, kDip, {default_by(kDip, 100), default_by(kOther, 5)}).size(), 1U);
}

TEST(DefaultRoute, LeavesMoreSpecificRoutesOfOthersAlone) {
  FakeKernel kernel;
  RouteFact vpn = default_by(kOther, 0);
  vpn.destination.length = 1;
  vpn.link = "tun9";
  const Lines lines = steps_with(kernel, kDip, {vpn});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("leads elsewhere"), std::string::npos) << lines[0];
}

TEST(DefaultRoute, RepairsTheHalfThatIsGone) {
  FakeKernel kernel;
  kernel.now.routes = {default_by(kOther, 0)};
  FakeHost host{kernel, wants_gateway(kDip)};
  ASSERT_TRUE(host.run());
  kernel.now.routes.pop_back();
  ASSERT_TRUE(host.run());
  EXPECT_EQ(kernel.now.routes.size(), 3U);
  EXPECT_TRUE(host.plan().in_sync());
}

FakeKernel filtering() {
  Snapshot host = test::fresh_host(Ipv4Addr{192, 168, 1, 91});
  host.links.emplace_back("tunl0");
  for (const char* place : {"all", "default", "tunl0", "eth0", "lo"})
    host.sysctls[conf_key(place, "rp_filter")] = "0";
  host.sysctls[conf_key("all", "rp_filter")] = "1";
  host.sysctls[conf_key("eth0", "rp_filter")] = "2";
  return FakeKernel{host};
}

TEST(Lowered, KeepsForEveryOtherLinkWhatAllSaid) {
  FakeKernel kernel = filtering();
  const Snapshot before = kernel.now;
  FakeHost host{kernel, wants(LowerWish{"tunl0", "rp_filter", "tunnel"})};
  ASSERT_TRUE(host.run());
  EXPECT_EQ(*kernel.now.sysctl(conf_key("all", "rp_filter")), "0");
  EXPECT_EQ(*kernel.now.sysctl(conf_key("tunl0", "rp_filter")), "0");
  EXPECT_EQ(*kernel.now.sysctl(conf_key("lo", "rp_filter")), "1");
  EXPECT_EQ(*kernel.now.sysctl(conf_key("default", "rp_filter")), "1");
  EXPECT_EQ(*kernel.now.sysctl(conf_key("eth0", "rp_filter")), "2") << "larger already";
  EXPECT_TRUE(host.plan().in_sync());
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(kernel.now, before);
}

TEST(Lowered, StaysKeptWhileAnotherProfileLowers) {
  FakeKernel kernel = filtering();
  const Snapshot before = kernel.now;
  FakeHost web{kernel, wants(LowerWish{"tunl0", "rp_filter", "tunnel"})};
  ASSERT_TRUE(web.run());
  FakeHost shop{kernel, wants(LowerWish{"tunl0", "rp_filter", "tunnel"})};
  shop.others = {web.file.read()};
  ASSERT_TRUE(shop.run());
  web.others = {shop.file.read()};
  ASSERT_TRUE(web.revert().complete());
  EXPECT_EQ(*kernel.now.sysctl(conf_key("lo", "rp_filter")), "1") << "`all` is still 0";
  shop.others = {web.file.read()};
  EXPECT_TRUE(shop.revert().complete());
  EXPECT_EQ(kernel.now, before);
}

TEST(Lowered, IsWrittenBeforeDefaultThatWouldChangeIt) {
  FakeKernel kernel = filtering();
  FakeHost host{kernel, wants(LowerWish{"tunl0", "rp_filter", "tunnel"})};
  Lines lines;
  for (const PlannedStep& planned : host.plan().steps) lines.push_back(diff_text(planned.step));
  const Lines expected{
      "net.ipv4.conf.lo.rp_filter: 0 -> 1", "net.ipv4.conf.tunl0.rp_filter stays 0",
      "net.ipv4.conf.default.rp_filter: 0 -> 1", "net.ipv4.conf.all.rp_filter: 1 -> 0"};
  EXPECT_EQ(lines, expected);
}

TEST(Lowered, LeavesTheLinksOfOtherProfilesLow) {
  FakeKernel kernel = filtering();
  kernel.now.links.emplace_back("tunl1");
  kernel.now.sysctls[conf_key("all", "rp_filter")] = "0";
  kernel.now.sysctls[conf_key("tunl1", "rp_filter")] = "0";
  FakeHost web{kernel, wants(LowerWish{"tunl1", "rp_filter", "tunnel"})};
  ASSERT_TRUE(web.run()) << "finds it low and writes nothing";
  kernel.now.sysctls[conf_key("all", "rp_filter")] = "1";
  const Snapshot before = kernel.now;
  FakeHost shop{kernel, wants(LowerWish{"tunl0", "rp_filter", "tunnel"})};
  shop.others = {web.file.read()};
  ASSERT_TRUE(shop.run());
  EXPECT_EQ(*kernel.now.sysctl(conf_key("tunl1", "rp_filter")), "0");
  EXPECT_TRUE(shop.revert().complete());
  EXPECT_EQ(kernel.now, before);
}

TEST(Lowered, GivesALinkMadeMeanwhileBackWhatItOwesToAll) {
  FakeKernel kernel = filtering();
  FakeHost host{kernel, wants(LowerWish{"tunl0", "rp_filter", "tunnel"})};
  ASSERT_TRUE(host.run());
  const std::string later = conf_key("eth1", "rp_filter");
  kernel.now.links.emplace_back("eth1");
  kernel.now.sysctls[later] = *kernel.now.sysctl(conf_key("default", "rp_filter"));
  EXPECT_EQ(*kernel.now.sysctl(later), "1");
  EXPECT_TRUE(host.revert().complete());
  EXPECT_EQ(*kernel.now.sysctl(later), "0") << "as any link that is made now";
  EXPECT_EQ(*kernel.now.sysctl(conf_key("all", "rp_filter")), "1");
}

TEST(StaticNeighbour, TakesTheOwnersMacAndKeepsItWhenTheOwnerIsDown) {
  FakeKernel kernel{test::fresh_host(Ipv4Addr{192, 168, 1, 10})};
  FakeHost host{kernel, wants(StaticNeighbourWish{"eth0", test::kVip, kDip, "static"})};
  EXPECT_EQ(host.plan().conflicts.size(), 1U) << "nobody answers for the owner";
  const MacAddr mac{{2, 0, 0, 0, 0, 9}};
  kernel.now.resolved[kDip] = mac;
  ASSERT_TRUE(host.run());
  ASSERT_EQ(kernel.now.neighbours.size(), 1U);
  EXPECT_EQ(kernel.now.neighbours[0].mac, mac);
  kernel.now.resolved.clear();
  EXPECT_TRUE(host.plan().in_sync());
  kernel.now.resolved[kDip] = MacAddr{{2, 0, 0, 0, 0, 8}};
  ASSERT_TRUE(host.run()) << "another NIC in the director";
  EXPECT_EQ(kernel.now.neighbours[0].mac, kernel.now.resolved[kDip]);
  EXPECT_TRUE(host.revert().complete());
  EXPECT_TRUE(kernel.now.neighbours.empty());
}

TEST(Forward6, CarriesEveryValueFromBefore) {
  FakeKernel kernel;
  kernel.now.links = {"lo", "eth0"};
  kernel.now.sysctls = {{"net/ipv6/conf/all/forwarding", "0"},
                        {"net/ipv6/conf/eth0/forwarding", "1"},
                        {"net/ipv6/conf/eth0/accept_ra", "1"}};
  FakeHost host{kernel, wants(Forward6Wish{"router"})};
  ASSERT_TRUE(host.run());
  ASSERT_EQ(kernel.now.forwardings.size(), 1U);
  EXPECT_EQ(kernel.now.forwardings[0].before.size(), 2U);
  EXPECT_TRUE(host.plan().in_sync());
  EXPECT_TRUE(host.revert().complete());
  EXPECT_TRUE(kernel.now.forwardings.empty());
}

TEST(NeededDevice, ThatTheKernelDoesNotBringIsLacking) {
  FakeKernel kernel{test::fresh_host(Ipv4Addr{192, 168, 1, 91})};
  Desired desired = wants(ObjectWish<UpFact>{{"tunl0"}, "tunnel"});
  desired.devices = {{"tunl0", "modprobe ipip"}};
  FakeHost host{kernel, desired};
  EXPECT_EQ(host.plan().lacking, Lines{"this kernel has no link tunl0; modprobe ipip"});
  EXPECT_TRUE(host.plan().steps.empty());
}

}  // namespace
}  // namespace lvs::profiles
