#include "tests/lab/role_lab.h"
#include "tests/lab/role_profiles.h"

// Every role gives its host back as it was, also where somebody else has objects of each kind that
// lvskit makes.

namespace lvs::test {
namespace {

/// Objects of others, some of them close to ours.
constexpr const char* kPlant =
    "ip addr add 10.9.9.9/32 dev lo label lo:0 && ip link set lo alias somebody && "
    "ip route add 10.8.0.0/16 dev eth0 proto 99 && "
    "ip rule add from 10.7.7.7 lookup 99 priority 7777 && "
    "ip neigh add 10.8.6.6 lladdr 02:00:00:00:00:01 dev eth0 nud permanent && "
    "ip neigh add proxy 10.8.5.5 dev eth0 && "
    "nft 'add table inet foreign; add chain inet foreign c { type filter hook input priority 0; }; "
    "add rule inet foreign c counter' && "
    "nft 'add table netdev foreign; add chain netdev foreign c { type filter hook ingress device "
    "eth0 priority 0; }; add rule netdev foreign c counter' && "
    "tc qdisc add dev lo clsact && "
    "echo 1 > /proc/sys/net/ipv4/conf/eth0/log_martians && "
    "echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter && "
    "echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_announce";

struct Case {
  const char* name;
  std::string profile;
};

class EveryRole : public RoleLab, public testing::WithParamInterface<Case> {};

INSTANTIATE_TEST_SUITE_P(Profiles, EveryRole,
                         testing::Values(Case{"DrOfBothFamilies", kDr}, Case{"DrRouted", kRouted},
                                         Case{"Nat", kNat}, Case{"NatOfIpv6", kNat6},
                                         Case{"TunByProgram", kTun},
                                         Case{"TunByProcess", tun_by("process")}),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(EveryRole, GivesItsHostBackAsItWas) {
  up(GetParam().profile);
  if (HasFatalFailure() || IsSkipped()) return;
  std::vector<std::string> before;
  for (const verify::HostPart& part : parts()) {
    sh(part.host, kPlant);
    before.push_back(dump(part.host));
    ASSERT_EQ(before.back().find("\n!"), std::string::npos) << before.back();
  }
  apply_all();
  for (std::size_t i = 0; i < parts().size(); ++i) {
    EXPECT_NE(dump(parts()[i].host), before[i]) << "control: apply made something";
    const std::string again = our_command("apply", parts()[i].host);
    EXPECT_NE(again.find("nothing was written"), std::string::npos) << again;
  }
  revert_all();
  for (std::size_t i = 0; i < parts().size(); ++i)
    EXPECT_EQ(dump(parts()[i].host), before[i]) << parts()[i].host;
}

}  // namespace
}  // namespace lvs::test
