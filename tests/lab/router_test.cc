#include <algorithm>
#include <set>

#include "net/wire/addr_text.h"
#include "net/wire/arp.h"
#include "tests/lab/role_lab.h"
#include "tests/lab/role_profiles.h"

// A router before the director, and neighbours that no gratuitous ARP can deceive.

namespace lvs::test {
namespace {

constexpr Ipv4Addr kVip{192, 168, 51, 11};

std::optional<wire::ConstArpView> arp_in(const std::vector<std::uint8_t>& frame) {
  const auto ethernet = wire::ConstEthernetView::parse(frame);
  return ethernet ? wire::ConstArpView::parse(ethernet->payload()) : std::nullopt;
}

bool is_reply_of(const std::vector<std::uint8_t>& frame, Ipv4Addr sender) {
  const auto arp = arp_in(frame);
  return arp && arp->operation() == wire::ArpOperation::Reply && arp->sender_ip() == sender;
}

class Router : public RoleLab {
 protected:
  /// Who answers for these addresses: asked in this order, until the last is answered.
  std::set<std::string> answered(const std::vector<Ipv4Addr>& asked) {
    return in("client", [&] {
      Station client("eth0");
      for (const Ipv4Addr& address : asked)
        client.send(wire::make_arp_request(client.mac(), Ipv4Addr(192, 168, 51, 1), address));
      std::set<std::string> answers;
      for (const auto& frame :
           client.read_until([&](const auto& each) { return is_reply_of(each, asked.back()); }))
        if (const auto arp = arp_in(frame); arp && arp->operation() == wire::ArpOperation::Reply)
          answers.insert(to_string(arp->sender_ip()) + " " + to_string(arp->sender_mac()));
      return answers;
    });
  }
};

TEST_F(Router, AnswersForTheVipAloneAndLeadsToIt) {
  up(kRouted);
  if (HasFatalFailure() || IsSkipped()) return;
  const std::string gw = to_string(mac("gw", "eth0"));
  // The kernel answers for others after a random time; without it, in the order of the questions.
  sh("gw", "echo 0 > /proc/sys/net/ipv4/neigh/eth0/proxy_delay");
  const std::string before = dump("gw");
  const Ipv4Addr own(192, 168, 51, 10);
  const std::vector<Ipv4Addr> others{Ipv4Addr(192, 168, 51, 12), Ipv4Addr(192, 168, 118, 10),
                                     Ipv4Addr(192, 168, 118, 11), kVip};
  std::vector<Ipv4Addr> asked = others;
  asked.push_back(own);
  EXPECT_EQ(answered(asked), std::set{"192.168.51.10 " + gw}) << "before: for nobody else";

  our_command("apply", "gw");
  our_command("apply", "rs1");
  cluster().run_director();
  EXPECT_EQ(answered(asked), (std::set{"192.168.51.10 " + gw, "192.168.51.11 " + gw}));

  EXPECT_EQ(sh("client", "curl -sS --max-time 20 http://192.168.51.11/"), "rs1\n")
      << cluster().director_log();

  EXPECT_EQ(cluster().stop_director(), 0);
  for (const char* host : {"rs1", "gw"}) our_command("revert", host);
  EXPECT_EQ(dump("gw"), before);
}

class StaticNeighbour : public RoleLab {
 protected:
  /// rs1 claims the VIP to all, then asks c1 for its own address: when that is answered, c1 has
  /// taken the claim in.
  void steal_vip() {
    in("rs1", [] {
      Station thief("eth0");
      const Ipv4Addr vip(192, 168, 1, 99);
      const Ipv4Addr client(192, 168, 1, 1);
      thief.send(wire::make_arp_announcement(thief.mac(), vip));
      thief.send(wire::make_arp({.ethernet_destination = MacAddr::broadcast(),
                                 .operation = wire::ArpOperation::Reply,
                                 .sender_mac = thief.mac(),
                                 .sender_ip = vip,
                                 .target_mac = MacAddr::broadcast(),
                                 .target_ip = vip}));
      thief.send(wire::make_arp_request(thief.mac(), Ipv4Addr(192, 168, 1, 91), client));
      thief.read_until([&](const auto& frame) { return is_reply_of(frame, client); });
      return 0;
    });
  }
  std::string entry() { return sh("c1", "ip neigh show 192.168.1.99 dev eth0"); }
};

TEST_F(StaticNeighbour, KeepsTheVipWhereItIs) {
  up(kWeb + one_nic("c1", "client", "\"192.168.1.1/24\"") + "arp = \"static\"\n");
  if (HasFatalFailure() || IsSkipped()) return;
  const std::string director = to_string(mac("lb1", "eth0"));
  const std::string thief = to_string(mac("rs1", "eth0"));
  our_command("apply", "lb1");
  // Control: an entry that c1 learnt moves to the thief.
  try_sh("c1", "curl -s --max-time 20 http://192.168.1.99:81/");
  ASSERT_NE(entry().find(director), std::string::npos) << entry();
  steal_vip();
  EXPECT_NE(entry().find(thief), std::string::npos) << entry();

  our_command("apply", "c1");
  our_command("check", "c1");
  EXPECT_NE(entry().find(director + " PERMANENT proto 76"), std::string::npos) << entry();
  steal_vip();
  EXPECT_NE(entry().find(director + " PERMANENT proto 76"), std::string::npos) << entry();

  our_command("revert", "c1");
  EXPECT_EQ(entry().find("PERMANENT"), std::string::npos) << entry();
}

}  // namespace
}  // namespace lvs::test
