// What routers and clients need, and dr with IPv6.

#include "tests/unit/profiles/desired_cases.h"

namespace lvs::profiles {
namespace {

Desired router(const std::string& text, const Abilities& can = {}) {
  return desire_on(text, "gw1", Role::RealServer, can);
}

TEST(DesireRouter, LeadsToTheVipAndAnswersForExactlyThat) {
  const Lines expected{"net/ipv4/conf/eth0/forwarding=1",
                       "net/ipv4/conf/eth1/forwarding=1",
                       "net/ipv4/conf/all/send_redirects=0",
                       "net/ipv4/conf/eth0/send_redirects=0",
                       "net/ipv4/conf/eth1/send_redirects=0",
                       "effective send_redirects on eth0: 0",
                       "read back effective send_redirects on eth0 (must be 0)",
                       "effective send_redirects on eth1: 0",
                       "read back effective send_redirects on eth1 (must be 0)",
                       "route 192.168.51.11/32 dev eth1 proto 76",
                       "proxy neighbour 192.168.51.11 dev eth0"};
  EXPECT_EQ(told(router(shipped_text("dr-routed"))), expected);
}

TEST(DesireRouter, NeedsNoRouteToAVipOfItsOwnNetwork) {
  EXPECT_TRUE(lines_with(router(shipped_text("tun")), "route ").empty());
  EXPECT_TRUE(lines_with(router(shipped_text("tun")), "proxy").empty());
}

TEST(DesireRouter, NeedsNoProxyForAVipOfNoNetwork) {
  const Desired desired =
      router(replaced(shipped_text("dr-routed"), "192.168.51.11\"", "10.9.9.9\""));
  EXPECT_EQ(lines_with(desired, "10.9.9.9"), Lines{"route 10.9.9.9/32 dev eth1 proto 76"});
}

std::string routed6() {
  std::string text = shipped_text("dr-routed");
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"192.168.51.11\"", "fd51::11\""},
                                                        {"192.168.51.10/24", "fd51::10/64"},
                                                        {"192.168.118.1/24", "fd18::1/64"},
                                                        {"192.168.118.10/24", "fd18::10/64"},
                                                        {"192.168.118.11/24", "fd18::11/64"},
                                                        {"192.168.118.12/24", "fd18::12/64"},
                                                        {"192.168.118.1\"", "fd18::1\""},
                                                        {"192.168.118.1\"", "fd18::1\""},
                                                        {"192.168.118.1\"", "fd18::1\""}})
    text = replaced(text, from, to);
  return text;
}

TEST(DesireRouter, DoesTheSameForIpv6WithoutIpv4) {
  Abilities can;
  can.force_forwarding = true;
  const Lines expected{"net/ipv6/conf/eth0/force_forwarding=1",
                       "net/ipv6/conf/eth1/force_forwarding=1",
                       "route fd51::11/128 dev eth1 proto 76 metric 1024",
                       "net/ipv6/conf/eth0/proxy_ndp=1",
                       "net/ipv6/conf/eth0/forwarding=1",
                       "proxy neighbour fd51::11 dev eth0"};
  EXPECT_EQ(told(router(routed6(), can)), expected);
  EXPECT_EQ(lines_with(router(routed6()), "forward"), Lines{"forward IPv6"});
}

TEST(DesireIpv6, PutsTheVipOnLoAndProvesThatNobodyIsAnswered) {
  const Lines expected{
      "fd51::11 on lo",
      "neighbour probe on eth0: solicitation of fd51::11 must stay unanswered (control: fd18::11 "
      "must be answered)"};
  EXPECT_EQ(told(desire_on(routed6(), "rs1", Role::RealServer)), expected);
}

TEST(DesireIpv6, PutsTheDirectorsVipOnItsNicAtOnceAndAnnouncesIt) {
  const Desired desired = desire_on(routed6(), "lb1", Role::Director);
  Lines lines = told(desired);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[0].starts_with("nft table netdev lvskit_dr-routed"));
  EXPECT_EQ(lines[1], "fd51::11 on eth0 at once");
  EXPECT_EQ(lines[2], "announce fd51::11 on eth0 (neighbour advertisement)");
}

std::string with_client(const std::string& arp) {
  return shipped_text("dr") +
         "[host.c1]\nrole = \"client\"\ninterface = \"eth0\"\naddress = \"192.168.1.10/24\"\n" +
         arp;
}

TEST(DesireClient, TiesTheVipToTheDirectorWhereItIsSaid) {
  const std::string text = with_client("arp = \"static\"\n");
  EXPECT_EQ(told(desire_on(text, "c1", Role::RealServer)),
            Lines{"static 192.168.1.99 dev eth0 as 192.168.1.90"});
  EXPECT_TRUE(told(desire_on(with_client(""), "c1", Role::RealServer)).empty());
  const Desired two =
      desire_on(text +
                    "[host.lb2]\nrole = \"director\"\ninterface = \"eth0\"\naddress = "
                    "\"192.168.1.89/24\"\n",
                "c1", Role::RealServer);
  EXPECT_EQ(two.refusals.size(), 1U);
  EXPECT_TRUE(two.wishes.empty());
}

TEST(DesireClient, SaysWhenTheDirectorIsNotNear) {
  const std::string text =
      replaced(with_client("arp = \"static\"\n"), "192.168.1.10/24", "10.0.0.10/24");
  const Desired desired = desire_on(text, "c1", Role::RealServer);
  EXPECT_TRUE(desired.wishes.empty());
  EXPECT_FALSE(desired.notes.empty());
}

}  // namespace
}  // namespace lvs::profiles
