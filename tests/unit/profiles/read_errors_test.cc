// Keys of hosts and tunnels: each mistake with its position, its words and what to write instead.

#include "tests/unit/profiles/read_cases.h"

namespace lvs::profiles {
namespace {

const BadProfile kCases[] = {
    {"DecapUnknown",
     19,
     R"(decap = "kernel")",
     {19, 9},
     R"(`decap`: expected auto, ipip, tunl0, bpf or process, found "kernel")",
     ""},
    {"DecapNearly",
     19,
     R"(decap = "tunl1")",
     {19, 9},
     R"(`decap`: expected auto, ipip, tunl0, bpf or process, found "tunl1")",
     R"(did you mean "tunl0"?)"},
    {"DecapOnAClient",
     kEnd,
     "[host.c]\nrole = \"client\"\ninterface = \"eth0\"\naddress = \"192.168.1.9/24\"\ndecap = "
     "\"auto\"",
     {28, 1},
     "`decap` is for hosts of role realserver",
     ""},
    {"ProbeWithoutAPort",
     19,
     R"(probe = ["tcp rs2"])",
     {19, 10},
     R"(`probe`: expected "tcp HOST:PORT", "arp ADDRESS" or "ping ADDRESS", found "tcp rs2")",
     "a target is an address or a host of this file"},
    {"ProbeOfAnotherKind",
     19,
     R"(probe = ["http rs2:80"])",
     {19, 10},
     R"(`probe`: expected "tcp HOST:PORT", "arp ADDRESS" or "ping ADDRESS", found "http rs2:80")",
     "a target is an address or a host of this file"},
    {"ProbeOfAnUnknownHost",
     19,
     R"(probe = ["ping rs9"])",
     {19, 10},
     R"(`probe`: expected "tcp HOST:PORT", "arp ADDRESS" or "ping ADDRESS", found "ping rs9")",
     "a target is an address or a host of this file"},
    {"ProbeByArpOfIpv6",
     19,
     R"(probe = ["arp fd00::1"])",
     {19, 10},
     R"(`probe`: expected "tcp HOST:PORT", "arp ADDRESS" or "ping ADDRESS", found "arp fd00::1")",
     "a target is an address or a host of this file"},
    {"ProbeNotAList",
     19,
     R"(probe = "ping rs2")",
     {19, 9},
     R"(`probe`: expected a list like ["tcp rs1:80", "ping rs2"], found "ping rs2")",
     R"(write ["ping rs2"])"},
    {"ArpUnknown",
     19,
     R"(arp = "arptables")",
     {19, 7},
     R"(`arp`: expected sysctl, nft or static, found "arptables")",
     ""},
    {"ScopeUnknown",
     19,
     R"(scope = "link")",
     {19, 9},
     R"(`scope`: expected host or global, found "link")",
     ""},
    {"TunnelTypeUnknown",
     6,
     "method = \"tun\"\ntunnel = { type = \"vxlan\" }",
     {7, 19},
     R"(`type`: expected ipip, gue or gre, found "vxlan")",
     ""},
    {"StaticArpOnADirector",
     14,
     R"(arp = "static")",
     {14, 1},
     R"(`arp` = "static" is for hosts of role router or client)",
     ""},
    {"MasqueradeOnARouter",
     kEnd,
     "[host.gw]\nrole = \"router\"\ninterface = \"eth0\"\naddress = \"192.168.1.9/24\"\nmasquerade "
     "= true",
     {28, 1},
     "`masquerade` is for hosts of role director",
     ""},
    {"MasqueradeOfAnAddress",
     14,
     R"(masquerade = "192.168.3.0/24")",
     {14, 14},
     R"(`masquerade`: expected true, false or a list of networks, found "192.168.3.0/24")",
     ""},
    {"ScopeOnARouter",
     kEnd,
     "[host.gw]\nrole = \"router\"\ninterface = \"eth0\"\naddress = \"192.168.1.9/24\"\nscope = "
     "\"host\"",
     {28, 1},
     "`scope` is for hosts of role realserver or director",
     ""},
    {"TunnelWithNat",
     6,
     "method = \"nat\"\ntunnel = { type = \"ipip\" }",
     {7, 1},
     "`tunnel` is for services of method tun only",
     ""},
    {"TunnelChecksumOfIpip",
     6,
     "method = \"tun\"\ntunnel = { checksum = true }",
     {7, 12},
     "`checksum` of a tunnel is for types gue and gre only",
     ""},
    {"TunnelToAFamilyThatTheDirectorLacks",
     8,
     R"(servers = [{ address = "fd00::5", method = "tun" }])",
     {8, 12},
     "the director lb1 has no IPv6 address to tunnel to fd00::5 from",
     ""},
    {"DirectorHasTheVipOfDr",
     13,
     R"(address = "192.168.1.99/24")",
     {13, 11},
     "192.168.1.99 is a VIP, it cannot be lb1's own address too",
     "each host has an address of its own; the VIP is added to it by role"},
};

class HostSetUpMistake : public testing::TestWithParam<BadProfile> {};

TEST_P(HostSetUpMistake, IsTheOneErrorWithItsPositionAndHint) { expect_the_one_error(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Read, HostSetUpMistake, testing::ValuesIn(kCases), name_of);

struct TwoMistakes {
  const char* decap;
  const char* service;
  const char* message;
};

/// Three lines at once: what the host takes out and what the service puts in do not fit.
TEST(ReadErrors, TellThatADeviceCannotTakeTheTunnelOut) {
  const TwoMistakes cases[] = {
      {"ipip", "tunnel = { type = \"gre\" }",
       R"(`decap` = "ipip" of rs1 is for tunnels of type ipip, this service has another)"},
      {"tunl0", "tunnel = { type = \"gue\", port = 6080 }",
       R"(`decap` = "tunl0" of rs1 is for tunnels of type ipip, this service has another)"},
  };
  for (const TwoMistakes& each : cases) {
    std::string text = spoiled(6, std::string("method = \"tun\"\n") + each.service);
    const std::string address = "address = \"192.168.1.91/24\"\n";
    text.insert(text.find(address) + address.size(),
                "decap = \"" + std::string(each.decap) + "\"\n");
    const ReadResult result = read_profile(text, "web.toml");
    ASSERT_EQ(result.errors.size(), 1U) << text;
    EXPECT_EQ(result.errors[0].message, each.message);
    EXPECT_EQ(result.errors[0].where, (Where{9, 12}));
  }
}

}  // namespace
}  // namespace lvs::profiles
