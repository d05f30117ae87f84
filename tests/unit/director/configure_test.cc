#include "director/io/configure.h"

#include <gtest/gtest.h>

#include <functional>

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
  EXPECT_EQ(setup->vips(), std::vector<IpAddr>{kVip});
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

Profile web_with(const std::function<void(profiles::ServiceEntry&)>& change) {
  Profile profile = web();
  change(profile.services[0]);
  return profile;
}
using Entry = profiles::ServiceEntry;

TEST(Configure, RefusesWhatItWouldForwardOtherwise) {
  expect_refused(web_with([](Entry& e) { e.scheduler = "best"; }), "scheduler best yet; it has: ");
  expect_refused(web_with([](Entry& e) {
                   e.method = profiles::Method::Nat;
                   e.servers[1].port = Port{8080};
                 }),
                 "its port must be 80");
}

TEST(Configure, TakesTheMethodOfTheServiceAndOfTheServer) {
  const auto setup = configure(web_with([](Entry& e) {
    e.method = profiles::Method::Nat;
    e.servers[0].port = Port{8080};
    e.servers.push_back(server_on("rs1"));
    e.servers[2].method = profiles::Method::Tun;
    e.tunnel = {profiles::TunnelType::Gue, Port{5555}, true};
  }));
  ASSERT_TRUE(setup) << setup.error().what;
  const std::vector<ServerSetup>& servers = setup->services[0].servers;
  EXPECT_EQ(servers[0].config.method, ForwardMethod::Masq);
  EXPECT_EQ(servers[0].config.port, Port{8080});
  EXPECT_EQ(servers[1].config.method, ForwardMethod::Local);
  EXPECT_EQ(servers[2].config.method, ForwardMethod::Tunnel);
  EXPECT_EQ(servers[2].config.tunnel, (TunnelConfig{TunnelType::Gue, Port{5555}, true}));
}

TEST(Configure, TakesWhatAServiceSaysOfItsFlows) {
  const auto setup = configure(web_with([](Entry& e) {
    e.persistence = profiles::Persistence{std::chrono::seconds{60}, std::uint8_t{24}};
    e.protocols = {Protocol::Udp};
    e.one_packet = true;
    e.scheduler = "mh";
    e.scheduler_flags = {"mh-port"};
    e.servers[0].upper = 9;
    e.servers[0].lower = 5;
  }));
  ASSERT_TRUE(setup) << setup.error().what;
  const ServiceSetup& service = setup->services[0];
  EXPECT_EQ(service.config.persistence, (Persistence{60, 24}));
  EXPECT_TRUE(service.config.one_packet);
  EXPECT_TRUE(service.config.scheduler_flags.hashes_port());
  EXPECT_TRUE(service.config.scheduler_flags.falls_back()) << "a profile's default";
  EXPECT_EQ(service.servers[0].config.upper, 9u);
  EXPECT_EQ(service.servers[0].config.lower, 5u);
}

TEST(Configure, PersistenceIsOfOneAddressUnlessItSaysOtherwise) {
  const auto setup = configure(web_with([](Entry& e) { e.persistence.emplace(); }));
  EXPECT_EQ(setup->services[0].config.persistence, (Persistence{360, 32}));
}

TEST(Configure, SelectsWhatIsWithheldAndKnowsTheHostsOwnAddresses) {
  const auto setup = configure(web_with([](Entry& e) {
    e.method = profiles::Method::Nat;
    e.servers[0].port = Port{8080};
  }));
  ASSERT_TRUE(setup) << setup.error().what;
  const Selection& selection = setup->selection;
  ASSERT_EQ(selection.services.size(), 1u);
  EXPECT_EQ(selection.services[0].destination, IpAddr{kVip});
  EXPECT_EQ(selection.fragments_to, std::vector<IpAddr>{kVip});
  EXPECT_EQ(selection.servers, (std::vector<SelectedServer>{{kServer, Protocol::Tcp, Port{8080}}}));
  EXPECT_EQ(selection.own, (std::vector<IpAddr>{kDirector, kVip}));
}

/// The service is chosen by mark 7, which TCP to the VIP has that comes in by eth0.
Profile marked() {
  Profile profile = web_with([](Entry& e) {
    e.mark = 7;
    e.ports.clear();
  });
  profiles::MarkEntry mark;
  mark.value = 7;
  mark.vip = kVip;
  mark.protocol = Protocol::Tcp;
  mark.ports = {{Port{80}, Port{90}}};
  mark.source = Prefix{Ipv4Addr(10, 1, 2, 3), 16};
  mark.interface = "eth0";
  profile.marks = {mark};
  return profile;
}

TEST(Configure, TakesServicesThatAMarkChooses) {
  const auto setup = configure(marked());
  ASSERT_TRUE(setup) << setup.error().what;
  ASSERT_EQ(setup->services.size(), 1u);
  EXPECT_EQ(setup->services[0].config.key, ServiceKey::of_mark(7, Family::Ipv4));
  EXPECT_EQ(setup->services[0].config.name, "mark-7");
  EXPECT_EQ(setup->services[0].servers[0].config.port, Port{}) << "that of the packet";
  EXPECT_EQ(setup->vips(), std::vector<IpAddr>{kVip});
  EXPECT_TRUE(setup->warnings.empty());
}

TEST(Configure, AMarksNicHasItsPresentNumber) {
  const auto setup = configure(marked());
  ASSERT_TRUE(setup) << setup.error().what;
  const auto rules = mark_rules(setup->marks, {{"eth0", LinkIndex{4}}, {"eth1", LinkIndex{5}}});
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0].mark, 7u);
  EXPECT_EQ(rules[0].link, LinkIndex{4});
  EXPECT_EQ(rules[0].vip, IpAddr{kVip});
  EXPECT_EQ(rules[0].source, (Prefix{Ipv4Addr(10, 1, 0, 0), 16}));
  ASSERT_EQ(rules[0].ports.size(), 1u);
  EXPECT_EQ(rules[0].ports[0].last, Port{90});
  EXPECT_TRUE(mark_rules(setup->marks, {}).empty()) << "one that is away brings no packets";
}

TEST(Configure, WarnsOfAServiceThatNoMarkLeadsTo) {
  Profile profile = marked();
  profile.marks.clear();
  EXPECT_EQ(configure(profile)->warnings,
            std::vector<std::string>{
                "web.toml:4:1: no [[mark]] entry says what carries mark 7, so its service gets no "
                "packets: marks that iptables or nft set come too late to be seen"});
}

TEST(Configure, TakesEveryPort) {
  const auto setup = configure(web_with([](Entry& e) {
    e.ports = {{}};
    e.persistence.emplace();
  }));
  ASSERT_TRUE(setup) << setup.error().what;
  EXPECT_EQ(setup->services[0].config.key.port, Port{});
  ASSERT_EQ(setup->selection.services.size(), 1u);
  EXPECT_EQ(setup->selection.services[0].last, Port{65535});
}

TEST(Configure, HasNextHopsForWaysBackOnlyWhereRepliesPass) {
  const auto count = [](const Profile& profile) {
    const auto setup = configure(profile);
    Engine engine(setup->limits, {}, kSchedulers, Tick{});
    return add_hops_to_clients(engine, *setup)->size();
  };
  EXPECT_EQ(count(web()), 0u);
  EXPECT_GT(count(web_with([](Entry& e) { e.method = profiles::Method::Nat; })), 1000u);
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
