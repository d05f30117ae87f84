// Filters of others, planted in a namespace of the test: what we find in them, the one rule that we
// put there, and that nothing else of them changes.

#include "profiles/core/objects/firewall.h"

#include <gtest/gtest.h>
#include <linux/netfilter.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include "net/linux/nft_change.h"
#include "profiles/io/objects/objects.h"
#include "tests/lab/linux_support.h"
#include "tests/lab/shell.h"

namespace lvs::profiles {
namespace {

using linux_net::OwnNamespace;
using test::output_of;

constexpr Ipv4Addr kDip(192, 168, 1, 90);

PacketMatch ipip() {
  PacketMatch match;
  match.protocol = 4;
  match.source = Prefix{kDip, 32};
  return match;
}

class Firewall : public OwnNamespace {
 protected:
  linux_net::RouteSocket& routes() {
    if (!routes_) routes_.emplace(open_routes());
    return *routes_;
  }
  static Snapshot look() {
    Snapshot snapshot;
    const auto read = read_firewall(snapshot);
    EXPECT_TRUE(read) << read.error().what;
    const auto tables = read_tables(snapshot);
    EXPECT_TRUE(tables) << tables.error().what;
    return snapshot;
  }
  static FirewallChain chain(const std::string& table, const std::string& name) {
    const Snapshot snapshot = look();
    const auto found = std::ranges::find_if(snapshot.firewall, [&](const FirewallChain& c) {
      return c.table == table && c.chain == name;
    });
    EXPECT_NE(found, snapshot.firewall.end()) << table << " " << name;
    return found == snapshot.firewall.end() ? FirewallChain{} : *found;
  }
  static std::string why(const std::string& table, const std::string& name,
                         const PacketMatch& match = ipip()) {
    return dropped_by(chain(table, name), match, false);
  }
  static void nft(const std::string& text) { output_of("nft", {"-f", "-"}, text); }
  static std::string ruleset() { return output_of("nft", {"-a", "list", "ruleset"}); }
  static ForeignRule rule_for(const FirewallChain& chain) {
    return {chain.kind, chain.family, chain.table, chain.chain, ipip(), "lvskit:web:accept-ipip"};
  }

 private:
  std::optional<linux_net::RouteSocket> routes_;
};

TEST_F(Firewall, AnIptablesNftPolicyIsFoundAndOneRuleOfOursLetsUsPass) {
  output_of("iptables-nft", {"-P", "INPUT", "DROP"});
  output_of("iptables-nft", {"-A", "INPUT", "-p", "tcp", "--dport", "80", "-j", "ACCEPT"});
  const std::string before = output_of("iptables-nft-save", {"-t", "filter"});
  const FirewallChain input = chain("filter", "INPUT");
  EXPECT_EQ(input.kind, FirewallKind::IptablesNft);
  EXPECT_EQ(input.family, NftFamily::Ip);
  EXPECT_EQ(dropped_by(input, ipip(), false), "policy drop");

  const ForeignRule rule = rule_for(input);
  const auto added = add_object(routes(), rule);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(output_of("iptables-nft", {"-S", "INPUT"}),
            "-P INPUT DROP\n"
            "-A INPUT -s 192.168.1.90/32 -p ipencap -m comment --comment "
            "\"lvskit:web:accept-ipip\" -j ACCEPT\n"
            "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n");
  EXPECT_EQ(look().foreign_rules, std::vector{rule});
  EXPECT_EQ(dropped_by(chain("filter", "INPUT"), ipip(), true), "");
  EXPECT_EQ(add_object(routes(), rule).error().sys_errno, EEXIST);

  ASSERT_TRUE(remove_object(routes(), rule));
  const auto rules_of = [](const std::string& saved) {  // without the dates in comments
    return saved.substr(saved.find("*filter"), saved.find("COMMIT") - saved.find("*filter"));
  };
  EXPECT_EQ(rules_of(output_of("iptables-nft-save", {"-t", "filter"})), rules_of(before));
  EXPECT_EQ(remove_object(routes(), rule).error().sys_errno, ENOENT);
}

TEST_F(Firewall, OurRuleIsKnownAgainAfterIptablesSavedAndRestoredIt) {
  output_of("iptables-nft", {"-P", "INPUT", "DROP"});
  const ForeignRule rule = rule_for(chain("filter", "INPUT"));
  ASSERT_TRUE(add_object(routes(), rule));
  output_of("iptables-nft-restore", {}, output_of("iptables-nft-save", {}));
  EXPECT_EQ(look().foreign_rules, std::vector{rule});
  ASSERT_TRUE(remove_object(routes(), rule));
  EXPECT_TRUE(look().foreign_rules.empty());
}

TEST_F(Firewall, AnEstablishedRuleOfOursIsWhatIptablesCanShow) {
  output_of("iptables-nft", {"-P", "FORWARD", "DROP"});
  ForeignRule rule = rule_for(chain("filter", "FORWARD"));
  rule.match = {};
  rule.match.in_link = "eth1";
  rule.match.established = true;
  const auto added = add_object(routes(), rule);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(output_of("iptables-nft", {"-S", "FORWARD"}),
            "-P FORWARD DROP\n"
            "-A FORWARD -i eth1 -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment "
            "\"lvskit:web:accept-ipip\" -j ACCEPT\n");
  EXPECT_EQ(look().foreign_rules, std::vector{rule});
  ASSERT_TRUE(remove_object(routes(), rule));
}

TEST_F(Firewall, TheRestOfANativeTableStaysByteForByte) {
  nft("table inet guard {\n"
      " set friends { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }\n"
      " chain entry {\n"
      "  type filter hook input priority 5; policy drop;\n"
      "  iif \"lo\" accept\n"
      "  ct state vmap { established : accept, related : accept, invalid : drop }\n"
      "  ip saddr @friends tcp dport { 22, 80 } counter accept comment \"people\"\n"
      "  meta l4proto icmp limit rate 5/second accept\n"
      " }\n}\n");
  const std::string before = ruleset();
  const FirewallChain entry = chain("guard", "entry");
  EXPECT_EQ(entry.kind, FirewallKind::Nft);
  EXPECT_EQ(entry.priority, 5);
  EXPECT_EQ(dropped_by(entry, ipip(), false), "policy drop");
  const ForeignRule rule = rule_for(entry);
  const auto added = add_object(routes(), rule);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_NE(ruleset().find("policy drop;\n\t\tip saddr 192.168.1.90 ip protocol ipencap counter "
                           "packets 0 bytes 0 accept comment \"lvskit:web:accept-ipip\""),
            std::string::npos)
      << ruleset();
  EXPECT_EQ(look().foreign_rules, std::vector{rule});
  ASSERT_TRUE(remove_object(routes(), rule));
  EXPECT_EQ(ruleset(), before);
}

TEST_F(Firewall, WhatDropsOtherPacketsIsNoReason) {
  nft("table ip other {\n"
      " chain entry { type filter hook input priority 0; policy accept;\n"
      "  tcp dport 22 drop\n  ip protocol { icmp, udp } drop\n  ip saddr 10.0.0.0/8 drop\n"
      "  iif \"lo\" ip daddr 1.2.3.4 drop\n  ct state invalid drop\n"
      "  ip saddr 10.1.2.3 ip daddr 10.1.2.4 drop\n"
      " }\n}\n");
  EXPECT_EQ(why("other", "entry"), "");
  PacketMatch from_ten = ipip();
  from_ten.source = Prefix{Ipv4Addr(10, 9, 9, 9), 32};
  EXPECT_NE(why("other", "entry", from_ten), "");
}

TEST_F(Firewall, AnOperatorsOwnAcceptIsEnough) {
  nft("table inet other {\n"
      " chain entry { type filter hook input priority 0; policy drop;\n"
      "  meta l4proto { ipencap, ipv6 } accept\n }\n"
      " chain entry_by_map { type filter hook input priority 1; policy drop;\n"
      "  meta nfproto vmap { ipv4 : jump four, ipv6 : drop }\n }\n"
      " chain four { ip saddr 192.168.0.0/20 ip protocol 4 accept\n }\n}\n");
  EXPECT_EQ(why("other", "entry"), "");
  EXPECT_EQ(why("other", "entry_by_map"), "");
  PacketMatch gre = ipip();
  gre.protocol = 47;
  EXPECT_EQ(why("other", "entry", gre), "policy drop");
  EXPECT_EQ(why("other", "entry_by_map", gre), "policy drop");
}

TEST_F(Firewall, ADropBelowAJumpIsNamed) {
  output_of("iptables-nft-restore", {},
            "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
            ":ufw-before-input - [0:0]\n:ufw-user-input - [0:0]\n:DOCKER-USER - [0:0]\n"
            "-A INPUT -j ufw-before-input\n"
            "-A ufw-before-input -i lo -j ACCEPT\n"
            "-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
            "-A ufw-before-input -m conntrack --ctstate INVALID -j DROP\n"
            "-A ufw-before-input -j ufw-user-input\n"
            "-A ufw-user-input -p ipencap -j REJECT\n"
            "-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j RETURN\nCOMMIT\n");
  const FirewallChain input = chain("filter", "INPUT");
  EXPECT_EQ(input.manager, "ufw");
  const std::string text = dropped_by(input, ipip(), false);
  EXPECT_TRUE(text.starts_with("the rule handle ") &&
              text.ends_with(" of chain ufw-user-input drops it"))
      << text;
  EXPECT_EQ(dropped_by(chain("filter", "FORWARD"), ipip(), false), "policy drop");
}

TEST_F(Firewall, FirewalldAndDockerAreKnown) {
  nft("table inet firewalld {\n chain filter_INPUT { type filter hook input priority 10;\n"
      "  reject with icmpx admin-prohibited\n }\n}\n"
      "table ip filter {\n chain DOCKER-USER { }\n"
      " chain FORWARD { type filter hook forward priority 0; policy drop;\n  jump DOCKER-USER\n"
      " }\n}\n");
  EXPECT_EQ(chain("firewalld", "filter_INPUT").manager, "firewalld");
  EXPECT_NE(why("firewalld", "filter_INPUT"), "");
  EXPECT_EQ(chain("filter", "FORWARD").manager, "docker");
}

TEST_F(Firewall, ATamperedRuleIsNotOurs) {
  nft("table ip other { chain entry { type filter hook input priority 0; policy drop; }\n}\n");
  const ForeignRule rule = rule_for(chain("other", "entry"));
  nft("add rule ip other entry ip saddr 192.168.1.90 ip protocol 4 counter drop comment "
      "\"lvskit:web:accept-ipip\"\n");
  const Snapshot snapshot = look();
  ASSERT_EQ(snapshot.foreign_rules.size(), 1U);
  EXPECT_TRUE(snapshot.foreign_rules[0].altered);
  EXPECT_FALSE(is_as_made(snapshot.foreign_rules[0], rule));
  EXPECT_EQ(remove_object(routes(), rule).error().sys_errno, ENOENT);
}

TEST_F(Firewall, ATableWithAnOwnerRefusesUs) {
  linux_net::NftChange change;
  auto socket = linux_net::NetlinkSocket::open(NETLINK_NETFILTER);
  ASSERT_TRUE(socket);
  change.add_table(NFPROTO_INET, "keeper", "", true);
  change.add_base_chain(NFPROTO_INET, "keeper", {"entry", "filter", NF_INET_LOCAL_IN, 0});
  linux_net::NftRule drop;
  drop.family = NFPROTO_INET;
  drop.table = "keeper";
  drop.chain = "entry";
  drop.expressions = {linux_net::give_verdict(NF_DROP)};
  change.append_rule(drop);
  const auto made = change.commit(*socket);
  ASSERT_TRUE(made) << made.error().what;

  const FirewallChain entry = chain("keeper", "entry");
  EXPECT_TRUE(entry.owned);
  EXPECT_NE(dropped_by(entry, ipip(), false), "");
  const auto refused = add_object(routes(), rule_for(entry));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().sys_errno, EPERM);
  EXPECT_NE(refused.error().what.find("the table has an owner"), std::string::npos);
}

OwnTable whole_table() {
  PacketMatch gue;
  gue.protocol = 17;
  gue.port = Port{6080};
  gue.source = Prefix{kDip, 32};
  PacketMatch sit;
  sit.family = Family::Ipv6;
  sit.protocol = 41;
  PacketMatch back;
  back.in_link = "eth1";
  back.destination = Prefix{Ipv4Addr(10, 0, 16, 0), 20};
  back.established = true;
  return {NftFamily::Inet,
          "lvskit_web",
          "lvskit:web:accept",
          {AcceptRule{Hook::Input, ipip()}, AcceptRule{Hook::Forward, back},
           AcceptRule{Hook::Input, gue}, AcceptRule{Hook::Input, sit}}};
}

TEST_F(Firewall, OwnTablesAreAsAPersonWouldWriteThem) {
  const auto made = add_object(routes(), whole_table());
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_EQ(output_of("nft", {"list", "ruleset"}),
            "table inet lvskit_web {\n"
            "\tcomment \"lvskit:web:accept\"\n"
            "\tchain input {\n"
            "\t\ttype filter hook input priority filter - 10; policy accept;\n"
            "\t\tip saddr 192.168.1.90 ip protocol ipencap counter packets 0 bytes 0 accept "
            "comment \"lvskit:web:accept\"\n"
            "\t\tip saddr 192.168.1.90 udp dport 6080 counter packets 0 bytes 0 accept "
            "comment \"lvskit:web:accept\"\n"
            "\t\tmeta nfproto ipv6 meta l4proto ipv6 counter packets 0 bytes 0 accept "
            "comment \"lvskit:web:accept\"\n"
            "\t}\n\n"
            "\tchain forward {\n"
            "\t\ttype filter hook forward priority filter - 10; policy accept;\n"
            "\t\tip daddr 10.0.16.0/20 iifname \"eth1\" ct state established,related counter "
            "packets 0 bytes 0 accept comment \"lvskit:web:accept\"\n"
            "\t}\n}\n");
  EXPECT_EQ(add_object(routes(), whole_table()).error().sys_errno, EEXIST);
  const Snapshot snapshot = look();
  ASSERT_EQ(snapshot.tables.size(), 1U);
  EXPECT_TRUE(is_as_made(snapshot.tables[0], whole_table())) << describe(snapshot.tables[0]);
  EXPECT_TRUE(snapshot.firewall.empty());  // our own chains are nobody's firewall
  ASSERT_TRUE(remove_object(routes(), whole_table()));
  EXPECT_EQ(output_of("nft", {"list", "ruleset"}), "");
}

TEST_F(Firewall, MasqueradeAndArpTablesAreReadBack) {
  const OwnTable nat{NftFamily::Ip,
                     "lvskit_web",
                     "lvskit:web:nat",
                     {MasqueradeRule{Prefix{Ipv4Addr(10, 0, 0, 0), 24}, "eth1"}}};
  const Ipv4Addr vip(192, 168, 1, 99);
  const OwnTable arp{NftFamily::Arp,
                     "lvskit_web",
                     "lvskit:web:arp",
                     {ArpRewriteSender{vip, Ipv4Addr(192, 168, 1, 91), "eth0"}, ArpDropRequest{vip},
                      ArpDropReply{vip}}};
  for (const OwnTable& table : {nat, arp}) {
    const auto made = add_object(routes(), table);
    ASSERT_TRUE(made) << made.error().what;
  }
  Snapshot snapshot = look();
  ASSERT_EQ(snapshot.tables.size(), 2U);
  for (const OwnTable& table : {nat, arp})
    EXPECT_TRUE(std::ranges::any_of(snapshot.tables, [&](const OwnTable& present) {
      return is_as_made(present, table);
    })) << ruleset();
  EXPECT_NE(ruleset().find("ip saddr 10.0.0.0/24 oifname \"eth1\" counter packets 0 bytes 0 "
                           "masquerade comment \"lvskit:web:masquerade\""),
            std::string::npos)
      << ruleset();
  EXPECT_NE(ruleset().find("oifname \"eth0\" arp operation request arp saddr ip 192.168.1.99 "
                           "counter packets 0 bytes 0 arp saddr ip set 192.168.1.91 comment "
                           "\"lvskit:web:ask-as-rip\""),
            std::string::npos)
      << ruleset();
}

TEST_F(Firewall, ATamperedTableIsAnotherOneAndIsReplacedInOneGo) {
  ASSERT_TRUE(add_object(routes(), whole_table()));
  nft("insert rule inet lvskit_web input ip saddr 10.0.0.1 drop\n");
  const Snapshot snapshot = look();
  ASSERT_EQ(snapshot.tables.size(), 1U);
  EXPECT_FALSE(is_as_made(snapshot.tables[0], whole_table()));
  EXPECT_NE(describe(snapshot.tables[0]).find("not ours"), std::string::npos);
  ASSERT_TRUE(replace_object(routes(), snapshot.tables[0], whole_table()));
  EXPECT_TRUE(is_as_made(look().tables.at(0), whole_table()));
}

}  // namespace
}  // namespace lvs::profiles
