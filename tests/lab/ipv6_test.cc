#include <algorithm>

#include "net/wire/addr_text.h"
#include "net/wire/ndisc.h"
#include "tests/lab/role_lab.h"
#include "tests/lab/role_profiles.h"

// The host part over IPv6, seen from a client.

namespace lvs::test {
namespace {

const std::string kDr6 = joined(one_service("dr6", "dr", "\"2001:db8:1::99\""),
                                one_nic("lb1", "director", "\"2001:db8:1::90/64\""),
                                one_nic("rs1", "realserver", "\"2001:db8:1::91/64\""));

constexpr Ipv6Addr kClient{{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01}};
constexpr Ipv6Addr kVip{{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99}};
constexpr Ipv6Addr kRip{{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x91}};

/// "TARGET MAC" of an advertisement; empty for anything else.
std::string claim_in(const std::vector<std::uint8_t>& frame) {
  const auto ethernet = wire::ConstEthernetView::parse(frame);
  if (!ethernet) return {};
  const auto view = wire::ConstNdiscView::parse(ethernet->payload());
  if (!view || view->type() != wire::NdiscType::Advertisement) return {};
  return to_string(IpAddr{view->target()}) + " " +
         (view->link_address() ? to_string(*view->link_address()) : "without a MAC");
}

class Ipv6Hosts : public RoleLab {
 protected:
  /// Who claims these addresses when the client asks for them in this order, until the last is
  /// answered.
  std::vector<std::string> claims(const std::vector<Ipv6Addr>& asked) {
    return in("client", [&] {
      Station client("eth0");
      for (const Ipv6Addr& address : asked)
        client.send(wire::make_solicitation(client.mac(), kClient, address));
      const std::string last = to_string(IpAddr{asked.back()}) + " ";
      std::vector<std::string> seen;
      for (const auto& frame :
           client.read_until([&](const auto& each) { return claim_in(each).starts_with(last); }))
        if (const std::string claim = claim_in(frame); !claim.empty()) seen.push_back(claim);
      return seen;
    });
  }
};

TEST_F(Ipv6Hosts, OnlyTheDirectorAnswersForTheVip) {
  up(kDr6);
  if (HasFatalFailure() || IsSkipped()) return;
  const std::string server = "2001:db8:1::91 " + to_string(mac("rs1", "eth0"));
  const std::string director = "2001:db8:1::99 " + to_string(mac("lb1", "eth0"));
  const std::string applied = our_command("apply", "rs1");
  EXPECT_EQ(applied.find("SKIPPED"), std::string::npos) << applied;
  // rs1 has the VIP and nobody else does: its own address is answered, the VIP before it is not.
  EXPECT_EQ(claims({kVip, kRip}), std::vector{server});

  const auto heard = cluster().listen("client", "icmp6 and ip6[40] == 136");
  ASSERT_NE(heard, nullptr);
  our_command("apply", "lb1");
  EXPECT_EQ(claims({kVip}), std::vector{director});
  const std::vector<std::string> lines = heard->stop();
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("33:33:00:00:00:01") != std::string::npos &&
           line.find("tgt is 2001:db8:1::99") != std::string::npos;
  })) << "announced to all nodes";
  our_command("check", "lb1");
  revert_all();
}

TEST_F(Ipv6Hosts, TheVipIsNeverASourceOfTheHostsOwnTraffic) {
  up(kDr6);
  if (HasFatalFailure() || IsSkipped()) return;
  for (const char* host : {"lb1", "rs1"}) {
    our_command("apply", host);
    EXPECT_EQ(try_sh(host, "ip -6 -o address show deprecated | grep -q 2001:db8:1::99/128"), 0);
    // The neighbour that a longer prefix has in common with the VIP than with the host's own.
    EXPECT_EQ(try_sh(host, "ip -6 route get 2001:db8:1::98 | grep -q 'src 2001:db8:1::9[01] '"), 0);
  }
  revert_all();
}

TEST_F(Ipv6Hosts, TheKernelIsSilentForTheServiceAndTapsSeeIt) {
  up(kDr6);
  if (HasFatalFailure() || IsSkipped()) return;
  our_command("apply", "lb1");
  const auto tap = cluster().listen("lb1", "ip6 and tcp dst port 80");
  const auto answers = cluster().listen("client", "ip6 and tcp and src host 2001:db8:1::99");
  ASSERT_TRUE(tap && answers);
  const std::string url = "http://[2001:db8:1::99]";
  // 28: nobody answered in time. 7: refused, which is what the kernel says for a port nobody has.
  EXPECT_EQ(try_sh("client", "curl -s -g --max-time 2 '" + url + ":80/'"), 28);
  EXPECT_EQ(try_sh("client", "curl -s -g --max-time 20 '" + url + ":81/'"), 7);
  EXPECT_FALSE(tap->stop().empty()) << "AF_PACKET sees what the kernel does not get";
  for (const std::string& line : answers->stop())
    EXPECT_NE(line.find("2001:db8:1::99.81 > "), std::string::npos) << line;
  our_command("revert", "lb1");
}

}  // namespace
}  // namespace lvs::test
