#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "profiles/core/iptables_text.h"
#include "profiles/core/remedy.h"

namespace lvs::profiles {
namespace {

PacketMatch ipip() {
  PacketMatch match;
  match.protocol = 4;
  match.source = Prefix{Ipv4Addr(192, 168, 1, 90), 32};
  return match;
}

FirewallChain input_of(const std::string& text) {
  const IptablesTable table = parse_iptables(text, Family::Ipv4);
  FirewallChain chain;
  chain.kind = FirewallKind::IptablesLegacy;
  chain.table = "filter";
  chain.chain = "INPUT";
  chain.program.below = table.chains;
  if (table.chains.contains("INPUT")) chain.program.rules = table.chains.at("INPUT");
  chain.drops = table.policies.contains("INPUT") && table.policies.at("INPUT") == "DROP";
  if (chain.drops) chain.why = "policy drop";
  return chain;
}

std::string why(const std::string& text, const PacketMatch& match = ipip()) {
  return dropped_by(input_of(text), match, false);
}

TEST(FirewallJudgement, ReadsIptables) {
  EXPECT_EQ(why("-P INPUT ACCEPT\n"), "");
  EXPECT_EQ(why("-P INPUT DROP\n"), "policy drop");
  EXPECT_EQ(why("-P INPUT DROP\n-A INPUT -p ipencap -j ACCEPT\n"), "");
  EXPECT_EQ(why("-P INPUT DROP\n-A INPUT -s 192.168.0.0/16 -i eth0 -p 4 -j ACCEPT\n"),
            "policy drop");
  EXPECT_EQ(why("-P INPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j DROP\n"), "");
  EXPECT_EQ(why("-P INPUT ACCEPT\n-A INPUT ! -p tcp -j REJECT --reject-with icmp-port-unreachable"),
            "the rule 1 of chain INPUT drops it");
  EXPECT_EQ(why("-P INPUT ACCEPT\n-A INPUT -m limit --limit 5/sec -j DROP\n"),
            "the rule 1 of chain INPUT may drop it");
  EXPECT_EQ(why("-P INPUT ACCEPT\n-A INPUT -i lo -j DROP\n-A INPUT -d 127.0.0.0/8 -j DROP\n"), "");
  EXPECT_EQ(why("-P INPUT ACCEPT\n-A INPUT -m conntrack --ctstate INVALID -j DROP\n"), "");
  EXPECT_EQ(why("-P INPUT ACCEPT\n-A INPUT -j LOG --log-prefix \"a \\\"b\\\" -j DROP\"\n"), "");
}

TEST(FirewallJudgement, FollowsChains) {
  const std::string head = "-P INPUT DROP\n-N a\n-N b\n-A INPUT -j a\n";
  EXPECT_EQ(why(head + "-A a -p 4 -j b\n-A b -s 192.168.1.90/32 -j ACCEPT\n"), "");
  EXPECT_EQ(why(head + "-A a -p 4 -j RETURN\n-A a -j DROP\n-A INPUT -p 4 -j ACCEPT\n"), "");
  EXPECT_EQ(why(head + "-A a -g b\n-A a -j DROP\n-A INPUT -j ACCEPT\n"), "");
  EXPECT_EQ(why(head + "-A a -j a\n"), "policy drop");  // a loop, which no kernel has, ends
}

TEST(FirewallJudgement, RulesOfOursCountOnlyWhenAsked) {
  const FirewallChain chain = input_of(
      "-P INPUT DROP\n-A INPUT -p 4 -m comment --comment \"lvskit:web:accept\" -j ACCEPT\n");
  EXPECT_EQ(dropped_by(chain, ipip(), false), "policy drop");
  EXPECT_EQ(dropped_by(chain, ipip(), true), "");
}

TEST(FirewallJudgement, AMatchIsReadBackOnlyWhenItIsExact) {
  const auto match_in = [](const std::string& rule) {
    return match_of(parse_iptables("-A INPUT " + rule, Family::Ipv4).chains.at("INPUT").at(0),
                    Family::Ipv4);
  };
  EXPECT_EQ(match_in("-s 192.168.1.90/32 -p ipencap -m comment --comment x -j ACCEPT"), ipip());
  EXPECT_EQ(match_in("-s 192.168.1.90/32 -p ipencap -m mark --mark 0x1 -j ACCEPT"), std::nullopt);
  EXPECT_EQ(match_in("! -s 192.168.1.90/32 -p ipencap -j ACCEPT"), std::nullopt);
}

FirewallChain of_manager(const std::string& manager, Hook hook = Hook::Input) {
  FirewallChain chain;
  chain.manager = manager;
  chain.hook = hook;
  chain.table = "t";
  chain.chain = "INPUT";
  return chain;
}

TEST(FirewallRemedy, SaysWhatToRun) {
  PacketMatch gue = ipip();
  gue.protocol = 17;
  gue.port = Port{6080};
  gue.in_link = "eth0";
  EXPECT_EQ(command_for(of_manager("firewalld"), ipip()),
            "run `firewall-cmd --permanent --add-protocol=4 && firewall-cmd --reload`");
  EXPECT_EQ(command_for(of_manager("firewalld"), gue),
            "run `firewall-cmd --permanent --zone=$(firewall-cmd --get-zone-of-interface=eth0) "
            "--add-port=6080/udp && firewall-cmd --reload`");
  EXPECT_EQ(command_for(of_manager("firewalld", Hook::Forward), ipip()),
            "run `firewall-cmd --permanent --direct --add-rule ipv4 filter FORWARD 0 "
            "-s 192.168.1.90/32 -p 4 -j ACCEPT && firewall-cmd --reload`");
  FirewallChain legacy = of_manager("");
  legacy.kind = FirewallKind::IptablesLegacy;
  legacy.writable = false;
  EXPECT_EQ(command_for(legacy, ipip()),
            "run `iptables-legacy -I INPUT -s 192.168.1.90/32 -p 4 -j ACCEPT` (Debian: package "
            "iptables)");
  FirewallChain owned = of_manager("");
  owned.owned = true;
  EXPECT_EQ(command_for(owned, ipip()),
            "let the program that owns table ip t accept IPv4 protocol 4 from 192.168.1.90/32");
  EXPECT_EQ(command_for(of_manager("ufw"), ipip()), "");
  EXPECT_EQ(advice_for(of_manager("ufw"), ipip()),
            "ufw takes the rule away when it reloads, if /etc/default/ufw says "
            "MANAGE_BUILTINS=yes: for ufw to keep it, put "
            "`-A ufw-before-input -s 192.168.1.90/32 -p 4 -j ACCEPT` into /etc/ufw/before.rules, "
            "behind `# End required lines`");
}

}  // namespace
}  // namespace lvs::profiles
