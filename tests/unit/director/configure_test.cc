#include "director/io/configure.h"

#include <gtest/gtest.h>

namespace lvs::director {
namespace {

using profiles::Profile;

constexpr Ipv4Addr kVip(192, 168, 1, 99), kDirector(192, 168, 1, 90), kServer(192, 168, 1, 91);

profiles::Host host(const std::string& name, Ipv4Addr address, profiles::Role role) {
  profiles::Host made;
  made.name = name;
  made.roles = {role};
  profiles::Nic nic;
  nic.name = "eth0";
  nic.addresses = {{address, 24}};
  made.nics = {nic};
  return made;
}

profiles::ServerEntry server_on(const std::string& name) {
  profiles::ServerEntry entry;
  entry.host = name;
  return entry;
}

/// tcp 192.168.1.99:80, rr, one server elsewhere and the director itself.
Profile web() {
  Profile profile;
  profile.file = "web.toml";
  profile.name = "web";
  profile.hosts = {host("lb1", kDirector, profiles::Role::Director),
                   host("rs1", kServer, profiles::Role::RealServer)};
  profiles::ServiceEntry service;
  service.vips = {kVip};
  service.ports = {{Port{80}, Port{80}}};
  service.protocols = {Protocol::Tcp};
  service.scheduler = "rr";
  service.servers = {server_on("rs1"), server_on("lb1")};
  service.where = {4, 1};
  profile.services = {service};
  return profile;
}

Result<DirectorSetup> configure(const Profile& profile) {
  return configure(profile, profile.hosts[0], kSchedulers);
}

void expect_refused(const Profile& profile, std::string_view what) {
  const auto setup = configure(profile);
  ASSERT_FALSE(setup) << what;
  EXPECT_NE(setup.error().what.find(what), std::string::npos) << setup.error().what;
  EXPECT_EQ(setup.error().what.find("web.toml:4:1: "), 0u) << setup.error().what;
}

TEST(Configure, TakesServicesAndServersInTheOrderOfAdding) {
  const auto setup = configure(web());
  ASSERT_TRUE(setup) << setup.error().what;
  ASSERT_EQ(setup->services.size(), 1u);
  const ServiceSetup& service = setup->services[0];
  EXPECT_EQ(service.config.key, (ServiceKey{Protocol::Tcp, kVip, Port{80}}));
  EXPECT_TRUE(service.config.expire_nodest_conn) << "a profile's default, not IPVS's";
  ASSERT_EQ(service.servers.size(), 2u);
  EXPECT_EQ(service.servers[0].config.address, kServer);
  EXPECT_EQ(service.servers[0].config.method, ForwardMethod::Route);
  EXPECT_EQ(setup->nics, std::vector<std::string>{"eth0"});
}

TEST(Configure, TheDirectorItselfIsALocalServerWithoutANextHop) {
  const auto setup = configure(web());
  ASSERT_TRUE(setup);
  EXPECT_TRUE(setup->services[0].servers[1].local);
  EXPECT_EQ(setup->services[0].servers[1].config.method, ForwardMethod::Local);
  Engine engine(setup->limits, {}, kSchedulers, Tick{});
  const auto hops = load(engine, *setup);
  ASSERT_TRUE(hops) << hops.error().what;
  ASSERT_EQ(hops->size(), 1u);
  EXPECT_EQ(hops->front().server, kServer);
}

TEST(Configure, OneServerOfSeveralServicesHasOneNextHop) {
  Profile profile = web();
  profile.services[0].ports = {{Port{80}, Port{82}}};
  const auto setup = configure(profile);
  ASSERT_TRUE(setup);
  EXPECT_EQ(setup->keys().size(), 3u);
  EXPECT_EQ(setup->vips(), std::vector<Ipv4Addr>{kVip});
  Engine engine(setup->limits, {}, kSchedulers, Tick{});
  EXPECT_EQ(load(engine, *setup)->size(), 1u);
}

TEST(Configure, NewFlowsDefaultToHalfTheTableASecond) {
  Profile profile = web();
  profile.engine.connections = 1000;
  EXPECT_EQ(configure(profile)->limits.new_flows_per_second, 500u);
  profile.engine.new_flows_per_second = 7;
  EXPECT_EQ(configure(profile)->limits.new_flows_per_second, 7u);
}

TEST(Configure, RefusesWhatItWouldForwardOtherwise) {
  const auto with = [](const auto& change) {
    Profile profile = web();
    change(profile.services[0]);
    return profile;
  };
  using Entry = profiles::ServiceEntry;
  expect_refused(with([](Entry& e) { e.method = profiles::Method::Nat; }), "method nat");
  expect_refused(with([](Entry& e) { e.method = profiles::Method::Tun; }), "method tun");
  expect_refused(with([](Entry& e) { e.persistence.emplace(); }), "persistence");
  expect_refused(with([](Entry& e) { e.one_packet = true; }), "one_packet");
  expect_refused(with([](Entry& e) { e.protocols = {Protocol::Sctp}; }), "protocol sctp");
  expect_refused(with([](Entry& e) { e.vips = {Ipv6Addr{}}; }), "IPv6");
  expect_refused(with([](Entry& e) { e.ports = {{}}; }), "port 0");
  expect_refused(with([](Entry& e) { e.servers[0].upper = 5; }), "thresholds");
  expect_refused(with([](Entry& e) { e.scheduler = "wlc"; }), "scheduler wlc yet; it has: rr");
}

TEST(Configure, WarnsOfKeysThatAreNotActedOn) {
  Profile profile = web();
  profile.not_yet = {{"service.check", {9, 3}}};
  EXPECT_EQ(configure(profile)->warnings,
            std::vector<std::string>{"web.toml:9:3: `service.check` (line 9) is checked, but this "
                                     "version does not act on it"});
}

}  // namespace
}  // namespace lvs::director
