// What nat asks of a director and of its servers.

#include "tests/unit/profiles/desired_cases.h"

namespace lvs::profiles {
namespace {

Desired director(const std::string& text, const Abilities& can = {}) {
  return desire_on(text, "lb1", Role::Director, can);
}
Desired server(const std::string& text) { return desire_on(text, "rs1", Role::RealServer); }

TEST(DesireNatServer, SendsEverythingByTheDirectorsInsideAddress) {
  const Desired desired = server(shipped_text("nat"));
  EXPECT_EQ(told(desired), Lines{"default via 192.168.3.1 dev eth0"});
  EXPECT_TRUE(desired.notes.empty());
}

TEST(DesireNatServer, TakesTheOutsideAddressOnlyWhereThereIsNoOther) {
  const std::string text = replaced(shipped_text("nat"), R"("192.168.1.91/24", outside = true)",
                                    R"(["192.168.1.91/24", "192.168.3.4/24"], outside = true)");
  EXPECT_EQ(told(server(text)), Lines{"default via 192.168.3.1 dev eth0"});
  const std::string one = replaced(text, R"("192.168.3.1/24")", R"("192.168.4.1/24")");
  EXPECT_EQ(told(server(one)), Lines{"default via 192.168.3.4 dev eth0"});
}

const char* const kSecond =
    "[host.lb2]\nrole = \"director\"\nnics = [{ name = \"eth0\", address = \"192.168.1.92/24\", "
    "outside = true }, { name = \"eth1\", address = \"192.168.3.9/24\" }]\n";

std::string two_directors() {
  return replaced(shipped_text("nat"), "vip       = \"192.168.1.91\"", "vip = \"192.168.1.99\"") +
         kSecond;
}

TEST(DesireNatServer, RefusesToGuessBetweenDirectors) {
  const Desired desired = server(two_directors());
  EXPECT_TRUE(desired.wishes.empty());
  EXPECT_EQ(desired.refusals,
            Lines{"host rs1 serves by nat and has one gateway, but there are the directors lb1, "
                  "lb2; say one's address as the host's `gateway`"});
  const std::string said = replaced(two_directors(), "address   = \"192.168.3.2/24\"",
                                    "address = \"192.168.3.2/24\"\ngateway = \"192.168.3.9\"");
  EXPECT_EQ(told(server(said)), Lines{"default via 192.168.3.9 dev eth0"});
  EXPECT_EQ(server(two_directors() + "[vrrp]\nid = 1\n").refusals.size(), 1U);
}

TEST(DesireNatServer, SaysThatAnotherGatewayGivesWay) {
  const std::string text = replaced(shipped_text("nat"), "address   = \"192.168.3.2/24\"",
                                    "address = \"192.168.3.2/24\"\ngateway = \"192.168.3.254\"");
  const Desired desired = server(text);
  EXPECT_EQ(told(desired), Lines{"default via 192.168.3.1 dev eth0"});
  EXPECT_EQ(desired.notes.size(), 1U);
}

TEST(DesireNatServer, MustBeNextToTheDirector) {
  const std::string text = replaced(shipped_text("nat"), "192.168.3.2/24", "192.168.7.2/24");
  EXPECT_EQ(server(text).refusals.size(), 1U);
}

TEST(DesireNatDirector, WithholdsWhatServersAnswer) {
  const Desired desired = director(shipped_text("nat"));
  const auto* wish = std::get_if<WithholdingWish>(&desired.wishes.front());
  ASSERT_NE(wish, nullptr);
  const Withholding& table = wish->object;
  const std::vector<WithheldService> replies{{Protocol::Tcp, Ipv4Addr{192, 168, 3, 2}, Port{80}},
                                             {Protocol::Tcp, Ipv4Addr{192, 168, 3, 3}, Port{80}}};
  EXPECT_EQ(table.replies, replies) << "the local server answers by itself";
  EXPECT_EQ(table.own, (std::vector<IpAddr>{Ipv4Addr{192, 168, 1, 91}, Ipv4Addr{192, 168, 3, 1}}));
  EXPECT_EQ(table.links, (Lines{"eth0", "eth1"}));
}

TEST(DesireNatDirector, MasqueradesBeforeItForwards) {
  const Lines lines = told(director(shipped_text("nat")));
  const auto at = [&](const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) - lines.begin();
  };
  const auto table = at("nft table ip lvskit_nat (masquerade 192.168.3.0/24 out by eth0)");
  const auto forwarding = at("net/ipv4/conf/eth1/forwarding=1");
  const auto end = static_cast<std::ptrdiff_t>(lines.size());
  EXPECT_LT(table, forwarding);
  EXPECT_LT(forwarding, end);
  EXPECT_LT(at("net/ipv4/conf/eth0/forwarding=1"), end);
  EXPECT_LT(at("pass forward: IPv4 from 192.168.3.0/24 out by eth0 "
               "[lvskit:nat:accept-out-192.168.3.0/24]"),
            end);
  EXPECT_LT(at("pass forward: IPv4 to 192.168.3.0/24 in by eth0 (established) "
               "[lvskit:nat:accept-back-192.168.3.0/24]"),
            end);
}

TEST(DesireNatDirector, LeavesAVipThatIsItsOwnAddressAlone) {
  const Desired desired = director(shipped_text("nat"));
  EXPECT_TRUE(lines_with(desired, "192.168.1.91 on").empty());
  EXPECT_TRUE(lines_with(desired, "announce").empty());
  const std::string other =
      replaced(shipped_text("nat"), "vip       = \"192.168.1.91\"", "vip = \"192.168.1.99\"");
  EXPECT_EQ(lines_with(director(other), "at once"), Lines{"192.168.1.99 on eth0 at once"});
}

TEST(DesireNatDirector, MasqueradesWhatTheProfileSays) {
  const auto masquerades = [](const std::string& said) {
    return lines_with(director(replaced(shipped_text("nat"), "masquerade = true", said)),
                      "masquerade ");
  };
  EXPECT_TRUE(masquerades("masquerade = false").empty());
  EXPECT_EQ(masquerades(R"(masquerade = ["192.168.3.0/28", "10.0.0.0/8"])"),
            Lines{"nft table ip lvskit_nat (masquerade 10.0.0.0/8 out by eth0; masquerade "
                  "192.168.3.0/28 out by eth0)"});
}

std::string nat6() {
  std::string text = shipped_text("nat");
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{R"("192.168.1.91" )", R"("fd00:1::91" )"},
                                                        {"192.168.1.91/24", "fd00:1::91/64"},
                                                        {"192.168.3.1/24", "fd00:3::1/64"},
                                                        {"192.168.3.2/24", "fd00:3::2/64"},
                                                        {"192.168.3.3/24", "fd00:3::3/64"}})
    text = replaced(text, from, to);
  return text;
}

TEST(DesireNat, NeedsNoIpv4) {
  Abilities can;
  can.force_forwarding = true;
  const Desired desired = director(nat6(), can);
  EXPECT_TRUE(lines_with(desired, "ipv4").empty());
  EXPECT_EQ(lines_with(desired, "force_forwarding"),
            (Lines{"net/ipv6/conf/eth0/force_forwarding=1", "net/ipv6/conf/eth1/force_forwarding=1",
                   "net/ipv6/conf/lo/force_forwarding=1"}));
  EXPECT_EQ(lines_with(desired, "masquerade "),
            Lines{"nft table ip6 lvskit_nat (masquerade fd00:3::/64 out by eth0)"});
  const Desired older = director(nat6());
  EXPECT_EQ(lines_with(older, "forward IPv6").size(), 1U);
  EXPECT_EQ(older.notes.size(), 1U) << "accept_ra";
  EXPECT_EQ(told(server(nat6())), Lines{"default via fd00:3::1 dev eth0"});
}

}  // namespace
}  // namespace lvs::profiles
