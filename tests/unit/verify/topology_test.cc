#include "verify/lab/topology.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "net/wire/addr_text.h"
#include "profiles/core/read.h"
#include "verify/lab/client_network.h"
#include "verify/lab/host_parts.h"
#include "verify/lab/lab_sysctls.h"
#include "verify/lab/nginx_conf.h"

namespace lvs::verify {
namespace {

constexpr std::string_view kDr = R"(
name = "dr"
[[service]]
vip = "192.168.1.99"
ports = [80, 443]
method = "dr"
scheduler = "rr"
servers = ["rs1", "lb1"]
[[service]]
vip = "192.168.1.99"
port = 7
protocol = "udp"
method = "dr"
scheduler = "rr"
servers = ["rs1"]
[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.1.1/24"
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.2/24"
gateway = "192.168.1.254"
)";

constexpr std::string_view kRouted = R"(
name = "routed"
[[service]]
vip = "192.168.51.11"
port = 80
method = "dr"
scheduler = "rr"
servers = ["rs1"]
[host.gw]
role = "router"
nics = [{ name = "eth0", address = "192.168.51.10/24", outside = true }, { name = "eth1", address = "192.168.118.1/24" }]
[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.118.2/24"
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.118.3/24"
)";

profiles::Profile profile(const std::string& text) {
  profiles::ReadResult read = profiles::read_profile(text, "test.toml");
  for (const auto& error : read.errors) ADD_FAILURE() << profiles::to_string(error);
  return read.profile;
}

Topology topology(const std::string& text) {
  auto made = make_topology(profile(text), "test");
  EXPECT_TRUE(made) << (made ? "" : made.error().what);
  return made ? *std::move(made) : Topology{};
}

TEST(Topology, PutsHostsOfOneSubnetOnOneLan) {
  const Topology lab = topology(std::string{kDr});
  EXPECT_EQ(lab.lans.size(), 1u);
  ASSERT_EQ(lab.hosts.size(), 3u);
  for (const LabHost& host : lab.hosts) EXPECT_EQ(host.nics.front().lan, 0u) << host.name;
}

TEST(Topology, AddsAClientWithTheFirstFreeAddress) {
  const Topology lab = topology(std::string{kDr});
  const LabHost* client = lab.host("client");
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(to_string(client->nics.front().addresses.front()), "192.168.1.3/24");
  EXPECT_TRUE(client->routes.empty());
}

TEST(Topology, TakesTheClientsOfTheLabSection) {
  const Topology lab =
      topology(std::string{kDr} + "[lab]\nclients = [\"192.168.1.50/24\", \"192.168.1.51/24\"]\n");
  ASSERT_EQ(lab.host("client")->nics.size(), 1u);
  EXPECT_EQ(lab.host("client")->nics.front().addresses.size(), 2u);
}

TEST(Topology, UsesTheProfilesOwnClient) {
  const Topology lab = topology(
      std::string{kDr} +
      "[host.c1]\nrole = \"client\"\ninterface = \"eth0\"\naddress = \"192.168.1.77/24\"\n");
  EXPECT_EQ(lab.host("client"), nullptr);
  EXPECT_NE(lab.host("c1"), nullptr);
}

TEST(Topology, GivesEveryServerThePortsItServes) {
  const Topology lab = topology(std::string{kDr});
  EXPECT_EQ(lab.host("rs1")->http_ports, (std::vector{Port{80}, Port{443}}));
  EXPECT_EQ(lab.host("rs1")->echo_ports, std::vector{Port{7}});
  EXPECT_EQ(lab.host("lb1")->http_ports, (std::vector{Port{80}, Port{443}}));
  EXPECT_TRUE(lab.host("lb1")->echo_ports.empty());
  EXPECT_TRUE(lab.host("client")->http_ports.empty());
}

TEST(Topology, GivesDistinctLocallyAdministeredMacs) {
  std::set<MacAddr> macs;
  for (const LabHost& host : topology(std::string{kRouted}).hosts)
    for (const LabNic& nic : host.nics) {
      EXPECT_EQ(nic.mac.octets()[0] & 3u, 2u);
      EXPECT_TRUE(macs.insert(nic.mac).second);
    }
  EXPECT_EQ(macs.size(), 5u);
}

TEST(Topology, PutsClientsBehindTheRouter) {
  const Topology lab = topology(std::string{kRouted});
  EXPECT_EQ(lab.lans.size(), 2u);
  const LabHost* client = lab.host("client");
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(to_string(client->nics.front().addresses.front()), "192.168.51.1/24");
  ASSERT_EQ(client->routes.size(), 1u);
  EXPECT_EQ(client->routes.front().gateway, IpAddr{Ipv4Addr(192, 168, 51, 10)});
}

TEST(Topology, KeepsStatedGateways) {
  const Topology lab = topology(std::string{kDr});
  ASSERT_EQ(lab.host("rs1")->routes.size(), 1u);
  EXPECT_EQ(lab.host("rs1")->routes.front().destination.length, 0);
}

TEST(Topology, SaysWhenTheNetworkOfClientsIsFull) {
  profiles::Profile small = profile(std::string{kDr});
  for (auto& host : small.hosts)
    for (auto& nic : host.nics)
      for (auto& address : nic.addresses) address.length = 30;
  for (auto& service : small.services) service.vips = {Ipv4Addr{192, 168, 1, 3}};
  const auto made = make_topology(small, "test");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().what.find("no free address"), std::string::npos);
}

TEST(FreeAddresses, PassesOverTakenOnesAndTheBroadcastAddress) {
  const profiles::Profile read = profile(std::string{kDr});
  const auto in = [&read](const char* network, std::size_t most) {
    std::string text;
    for (const Prefix& found : free_addresses(read, *parse_prefix(network), most))
      text += to_string(found) + " ";
    return text;
  };
  EXPECT_EQ(in("192.168.1.0/24", 1), "192.168.1.3/24 ");
  EXPECT_EQ(in("192.168.1.0/24", 2), "192.168.1.3/24 192.168.1.4/24 ");
  EXPECT_EQ(in("10.0.0.0/30", 9), "10.0.0.1/30 10.0.0.2/30 ");
  EXPECT_EQ(in("192.168.1.1/32", 1), "");
}

TEST(Topology, GivesAPersistentServiceSeveralClients) {
  profiles::Profile persistent = profile(std::string{kDr});
  persistent.services.front().persistence.emplace();
  const auto made = make_topology(persistent, "test");
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_EQ(made->host(kClientName)->nics.front().addresses.size(), 4u);
  const Topology plain = topology(std::string{kDr});
  EXPECT_EQ(plain.host(kClientName)->nics.front().addresses.size(), 1u);
}

TEST(LabSysctls, SetsEveryArpKeyOfEveryPlaceAndForwardsNowhere) {
  const Topology lab = topology(std::string{kRouted});
  const auto has = [](const std::vector<SysctlSetting>& all, const SysctlSetting& wanted) {
    return std::find(all.begin(), all.end(), wanted) != all.end();
  };
  for (const char* place : {"all", "default", "lo"})
    EXPECT_TRUE(has(host_sysctls(*lab.host("rs1")),
                    {std::string{"net/ipv4/conf/"} + place + "/arp_ignore", "0"}));
  EXPECT_TRUE(
      has(interface_sysctls(*lab.host("rs1"), "eth0"), {"net/ipv4/conf/eth0/arp_announce", "0"}));
  EXPECT_TRUE(has(host_sysctls(*lab.host("rs1")), {"net/ipv4/ip_forward", "0"}));
  EXPECT_TRUE(has(host_sysctls(*lab.host("gw")), {"net/ipv4/ip_forward", "0"}));
  EXPECT_TRUE(lab.host("gw")->routes.empty()) << "both are a router's set-up";
}

TEST(HostParts, SetsRoutersUpFirstAndDirectorsLast) {
  std::string text;
  for (const HostPart& part : host_parts(profile(std::string{kRouted})))
    text += part.program + " " + part.host + "\n";
  EXPECT_EQ(text, "lvs-realserver gw\nlvs-realserver rs1\nlvs-director lb1\n");
}

TEST(HostParts, NamesWhatIsNotForwardedYet) {
  profiles::Profile read = profile(std::string{kRouted});
  EXPECT_EQ(not_forwarded(read), "");
  read.services.front().method = profiles::Method::Nat;
  EXPECT_EQ(not_forwarded(read), "");
  read.services.front().vips = {*parse_ip("2001:db8::99")};
  EXPECT_EQ(not_forwarded(read), "");
  read.services.front().protocols = {Protocol::Sctp};
  EXPECT_EQ(not_forwarded(read).substr(0, 13), "protocol sctp");
}

TEST(NginxConf, NamesTheHostInBodyAndHeaderOnEveryPort) {
  const Topology lab = topology(std::string{kDr});
  const std::string conf = nginx_conf(*lab.host("rs1"), {"/lab/rs1", "/lab/big"});
  for (const char* part :
       {"listen 0.0.0.0:80;", "listen 0.0.0.0:443;", "add_header X-Served-By \"rs1\" always;",
        R"(return 200 "rs1\n";)", "alias \"/lab/big\";", "master_process off;"})
    EXPECT_NE(conf.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace lvs::verify
