// What the services of a profile are, which servers they have, and where their VIPs go.

#include <gtest/gtest.h>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"

namespace lvs::profiles {
namespace {

IpAddr ip(const char* text) { return parse_ip(text).value(); }

Nic nic(const char* name, const std::vector<const char*>& addresses) {
  Nic made;
  made.name = name;
  for (const char* text : addresses) made.addresses.push_back(parse_prefix(text).value());
  return made;
}

Host host(const char* name, Role role, std::vector<Nic> nics) {
  Host made;
  made.name = name;
  made.roles = {role};
  made.nics = std::move(nics);
  return made;
}

ServerEntry by_host(const char* name) {
  ServerEntry entry;
  entry.host = name;
  return entry;
}

ServerEntry by_address(const char* text) {
  ServerEntry entry;
  entry.address = ip(text);
  return entry;
}

/// lb1 with two NICs, rs1 and rs2 on the inner network; one service on the outer one.
Profile example() {
  Profile profile;
  profile.name = "web";
  profile.hosts = {
      host("lb1", Role::Director,
           {nic("eth1", {"10.0.0.1/24"}), nic("eth0", {"fd00::1/64", "192.168.1.90/24"})}),
      host("rs1", Role::RealServer, {nic("eth0", {"10.0.0.11/24", "fd01::11/64"})}),
      host("rs2", Role::RealServer, {nic("eth0", {"10.0.0.12/24"})})};
  ServiceEntry service;
  service.vips = {ip("192.168.1.99")};
  service.ports = {{Port{80}, Port{80}}};
  service.protocols = {Protocol::Tcp};
  service.servers = {by_host("rs1"), by_host("rs2")};
  profile.services = {service};
  return profile;
}

std::vector<std::string> names_of(const Profile& profile) {
  std::vector<std::string> names;
  for (const Service& service : expand(profile)) names.push_back(service.name);
  return names;
}

TEST(Expand, NamesAServiceByProtocolVipAndPort) {
  EXPECT_EQ(names_of(example()), std::vector<std::string>{"tcp-192.168.1.99-80"});
}

TEST(Expand, GivesOneServiceForEachVipProtocolAndPort) {
  Profile profile = example();
  profile.services[0].vips.push_back(ip("fd00::99"));
  profile.services[0].protocols.push_back(Protocol::Udp);
  profile.services[0].ports.push_back({Port{90}, Port{91}});
  const std::vector<Service> services = expand(profile);
  ASSERT_EQ(services.size(), 12U);
  EXPECT_EQ(services[0].name, "tcp-192.168.1.99-80");
  EXPECT_EQ(services[2].name, "tcp-192.168.1.99-91");
  EXPECT_EQ(services[3].name, "udp-192.168.1.99-80");
  EXPECT_EQ(services[11].name, "udp-fd00::99-91");
  EXPECT_EQ(services[11].entry, profile.services.data());
}

TEST(Expand, KeepsASaidNameThatStandsForOneService) {
  Profile profile = example();
  profile.services[0].name = "shop";
  EXPECT_EQ(names_of(profile), std::vector<std::string>{"shop"});
}

TEST(Expand, MakesASaidNameDistinctByWhatDiffers) {
  Profile profile = example();
  profile.services[0].name = "shop";
  profile.services[0].ports = {{Port{80}, Port{80}}, {Port{443}, Port{443}}};
  EXPECT_EQ(names_of(profile), (std::vector<std::string>{"shop-80", "shop-443"}));
  profile.services[0].ports.pop_back();
  profile.services[0].vips.push_back(ip("192.168.1.98"));
  EXPECT_EQ(names_of(profile),
            (std::vector<std::string>{"shop-192.168.1.99", "shop-192.168.1.98"}));
}

TEST(Expand, ReachesTheLastPort) {
  Profile profile = example();
  profile.services[0].ports = {{Port{65534}, Port{65535}}};
  EXPECT_EQ(expand(profile).size(), 2U);
}

TEST(Expand, LeavesOutServicesWithAMark) {
  Profile profile = example();
  profile.services[0].vips.clear();
  profile.services[0].mark = 7;
  EXPECT_TRUE(expand(profile).empty());
}

TEST(ServersOf, ResolvesHostsInTheOrderOfAdding) {
  Profile profile = example();
  profile.services[0].servers[1].weight = 0;
  profile.services[0].servers[1].port = Port{8080};
  profile.services[0].servers[1].method = Method::Nat;
  const std::vector<Server> servers = servers_of(profile, expand(profile)[0], profile.hosts[0]);
  ASSERT_EQ(servers.size(), 2U);
  EXPECT_EQ(servers[0].name, "rs1");
  EXPECT_EQ(servers[0].address, ip("10.0.0.11"));
  EXPECT_EQ(servers[0].port, Port{80});
  EXPECT_EQ(servers[0].method, Method::Dr);
  EXPECT_EQ(servers[1].weight, 0U);
  EXPECT_EQ(servers[1].port, Port{8080});
  EXPECT_EQ(servers[1].method, Method::Nat);
  EXPECT_FALSE(servers[0].local || servers[1].local);
}

TEST(ServersOf, KnowsTheDirectorItselfByNameAndByAddress) {
  Profile profile = example();
  profile.services[0].servers = {by_host("lb1"), by_address("10.0.0.1"), by_address("10.0.0.50")};
  const std::vector<Server> servers = servers_of(profile, expand(profile)[0], profile.hosts[0]);
  ASSERT_EQ(servers.size(), 3U);
  EXPECT_TRUE(servers[0].local);
  EXPECT_EQ(servers[0].address, ip("192.168.1.90"));
  EXPECT_TRUE(servers[1].local);
  EXPECT_FALSE(servers[2].local);
  EXPECT_EQ(servers[2].name, "10.0.0.50");
}

TEST(ServersOf, SeesAnotherDirectorAsAServerLikeAnyOther) {
  Profile profile = example();
  profile.hosts.push_back(host("lb2", Role::Director, {nic("eth0", {"192.168.1.89/24"})}));
  profile.services[0].servers = {by_host("lb1")};
  EXPECT_FALSE(servers_of(profile, expand(profile)[0], profile.hosts[3])[0].local);
}

TEST(AddressOf, PrefersTheNetworkOfTheVip) {
  const Profile profile = example();
  EXPECT_EQ(address_of(profile.hosts[0], ip("192.168.1.99")), ip("192.168.1.90"));
  EXPECT_EQ(address_of(profile.hosts[0], ip("172.16.0.1")), ip("10.0.0.1"));
}

TEST(AddressOf, GivesTheFirstOfTheVipsFamilyOrNothing) {
  const Profile profile = example();
  EXPECT_EQ(address_of(profile.hosts[1], ip("fd99::1")), ip("fd01::11"));
  EXPECT_EQ(address_of(profile.hosts[2], ip("fd99::1")), std::nullopt);
}

TEST(NicFor, TakesTheListedThenTheNetworkThenTheOutsideThenTheFirst) {
  Host lb = example().hosts[0];
  EXPECT_EQ(nic_for(lb, ip("192.168.1.99"))->name, "eth0");
  EXPECT_EQ(nic_for(lb, ip("172.16.0.9"))->name, "eth1");
  lb.nics[1].outside = true;
  EXPECT_EQ(nic_for(lb, ip("172.16.0.9"))->name, "eth0");
  lb.nics[0].vips = {ip("192.168.1.99")};
  EXPECT_EQ(nic_for(lb, ip("192.168.1.99"))->name, "eth1");
  lb.nics.clear();
  EXPECT_EQ(nic_for(lb, ip("192.168.1.99")), nullptr);
}

TEST(VipsFor, GivesADirectorAllAndARealServerItsOwn) {
  Profile profile = example();
  profile.services.push_back(profile.services[0]);
  profile.services[1].vips = {ip("192.168.1.98"), ip("192.168.1.99")};
  profile.services[1].servers = {by_address("10.0.0.12")};
  const std::vector<IpAddr> all{ip("192.168.1.98"), ip("192.168.1.99")};
  EXPECT_EQ(vips_for(profile, profile.hosts[0]), all);
  EXPECT_EQ(vips_for(profile, profile.hosts[1]), std::vector{ip("192.168.1.99")});
  EXPECT_EQ(vips_for(profile, profile.hosts[2]), all);
}

TEST(VipsFor, CountsTheSorryServer) {
  Profile profile = example();
  profile.services[0].servers = {by_host("rs1")};
  EXPECT_TRUE(vips_for(profile, profile.hosts[2]).empty());
  profile.services[0].sorry_server = by_host("rs2");
  EXPECT_EQ(vips_for(profile, profile.hosts[2]).size(), 1U);
}

TEST(FindSelf, IsTheHostAllOfWhoseAddressesAreHere) {
  const Profile profile = example();
  const auto self =
      find_self(profile, {ip("127.0.0.1"), ip("10.0.0.11"), ip("fd01::11"), ip("192.168.1.99")});
  ASSERT_TRUE(self);
  EXPECT_EQ((*self)->name, "rs1");
}

TEST(FindSelf, NamesTheHostsWhenThisIsNone) {
  const auto self = find_self(example(), {ip("10.0.0.11")});
  ASSERT_FALSE(self);
  EXPECT_EQ(self.error().what,
            "this machine is none of the hosts of profile web: lb1 (10.0.0.1, fd00::1, "
            "192.168.1.90), rs1 (10.0.0.11, fd01::11), rs2 (10.0.0.12); say which one with --host "
            "NAME");
}

TEST(FindSelf, NamesTheCandidatesWhenThereAreSeveral) {
  const auto self = find_self(example(), {ip("10.0.0.11"), ip("fd01::11"), ip("10.0.0.12")});
  ASSERT_FALSE(self);
  EXPECT_EQ(self.error().what,
            "this machine could be any of rs1 (10.0.0.11, fd01::11), rs2 (10.0.0.12); say which "
            "one with --host NAME");
}

TEST(HostOfAProfile, IsFoundByNameAndOwnsItsAddresses) {
  const Profile profile = example();
  ASSERT_NE(profile.host("rs2"), nullptr);
  EXPECT_EQ(profile.host("rs3"), nullptr);
  EXPECT_TRUE(profile.host("lb1")->owns(ip("192.168.1.90")));
  EXPECT_FALSE(profile.host("lb1")->owns(ip("192.168.1.99")));
  EXPECT_TRUE(profile.host("lb1")->has(Role::Director));
  EXPECT_FALSE(profile.host("lb1")->has(Role::Client));
}

}  // namespace
}  // namespace lvs::profiles
