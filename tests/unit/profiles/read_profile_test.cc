// What a good profile means: defaults, every key, and what comes later.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "net/wire/addr_text.h"
#include "tests/unit/profiles/read_cases.h"

namespace lvs::profiles {
namespace {

using std::chrono::microseconds;

Profile read_good(const std::string& text) {
  ReadResult result = read_profile(text, "web.toml");
  for (const ProfileError& error : result.errors) ADD_FAILURE() << to_string(error);
  return std::move(result.profile);
}

std::string replace_line(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(ReadProfile, KeepsWhatIsSaid) {
  const Profile profile = read_good(std::string{kGoodProfile});
  EXPECT_EQ(profile.file, "web.toml");
  EXPECT_EQ(profile.name, "web");
  ASSERT_EQ(profile.services.size(), 1U);
  const ServiceEntry& service = profile.services[0];
  EXPECT_EQ(service.vips, std::vector{IpAddr{Ipv4Addr(192, 168, 1, 99)}});
  EXPECT_EQ(service.ports, (std::vector{PortRange{Port{80}, Port{80}}}));
  EXPECT_EQ(service.method, Method::Dr);
  EXPECT_EQ(service.scheduler, "rr");
  ASSERT_EQ(service.servers.size(), 2U);
  EXPECT_EQ(service.servers[0].host, "rs1");
  EXPECT_EQ(service.servers[1].host, "rs2");
  EXPECT_EQ(service.servers[1].weight, 3U);
  EXPECT_EQ(service.servers[1].where, (Where{8, 19}));
}

TEST(ReadProfile, KeepsHostsInTheOrderOfTheFile) {
  const Profile profile = read_good(std::string{kGoodProfile} +
                                    "[host.a]\nrole = [\"router\", \"client\"]\n"
                                    "nics = [{ name = \"x\", address = [\"10.0.0.1/8\", "
                                    "\"fd00::1/64\"], outside = true }]\n");
  ASSERT_EQ(profile.hosts.size(), 4U);
  EXPECT_EQ(profile.hosts[0].name, "lb1");
  EXPECT_EQ(profile.hosts[3].name, "a");
  EXPECT_TRUE(profile.hosts[3].has(Role::Client));
  EXPECT_TRUE(profile.hosts[3].nics[0].outside);
  EXPECT_EQ(profile.hosts[3].nics[0].addresses.size(), 2U);
  EXPECT_EQ(to_string(profile.hosts[0].nics[0].addresses[0]), "192.168.1.90/24");
}

void expect_service_defaults(const ServiceEntry& service) {
  EXPECT_EQ(service.name, "");
  EXPECT_EQ(service.protocols, std::vector{Protocol::Tcp});
  EXPECT_EQ(service.scheduler, "wlc");
  EXPECT_FALSE(service.persistence);
  EXPECT_FALSE(service.one_packet);
  EXPECT_EQ(service.timeouts.tcp, Seconds{900});
  EXPECT_EQ(service.timeouts.tcp_fin, Seconds{120});
  EXPECT_EQ(service.timeouts.udp, Seconds{300});
  EXPECT_TRUE(service.expire_nodest_conn);
  EXPECT_TRUE(service.expire_quiescent_template);
  EXPECT_EQ(service.quorum, 1U);
  EXPECT_EQ(service.hysteresis, 0U);
  EXPECT_EQ(service.on_failure, OnFailure::Quiesce);
  EXPECT_FALSE(service.check);
  EXPECT_EQ(service.servers[0].weight, 1U);
  EXPECT_EQ(service.servers[0].upper, 0U);
  EXPECT_EQ(service.servers[0].lower, 0U);
}

void expect_other_defaults(const Profile& profile) {
  EXPECT_EQ(profile.engine.carrier, CarrierKind::Packet);
  EXPECT_EQ(profile.engine.connections, 1048576U);
  EXPECT_EQ(profile.engine.workers, 1U);
  EXPECT_EQ(profile.engine.spin, microseconds{50});
  EXPECT_EQ(profile.engine.answers_per_second, 1000U);
  EXPECT_TRUE(profile.engine.on_remove.drain);
  EXPECT_EQ(profile.engine.on_remove.deadline, Seconds{60});
  EXPECT_EQ(profile.control.group, "lvskit");
  EXPECT_EQ(profile.control.writers, std::vector<std::string>{"root"});
  EXPECT_EQ(profile.metrics.listen, "");
  EXPECT_EQ(profile.hosts[1].decap, Decap::Auto);
  EXPECT_EQ(profile.hosts[1].arp.value_or(ArpStyle::Sysctl), ArpStyle::Sysctl);
}

TEST(ReadProfile, FillsInTheDefaults) {
  const Profile profile = read_good(spoiled(7, ""));
  expect_service_defaults(profile.services[0]);
  expect_other_defaults(profile);
  EXPECT_FALSE(profile.vrrp);
}

TEST(ReadProfile, MeansTheSameWhenTheDefaultsAreSaid) {
  const std::string said = spoiled(
      7,
      "protocol = \"tcp\"\nscheduler = \"wlc\"\nscheduler_flags = []\npersistence = false\n"
      "one_packet = false\ntimeouts = { tcp = \"15m\", tcp_fin = \"2m\", udp = \"5m\" }\n"
      "expire_nodest_conn = true\nexpire_quiescent_template = true\nquorum = 1\nhysteresis = 0\n"
      "on_failure = \"quiesce\"");
  const Profile profile = read_good(
      said +
      "arp = \"sysctl\"\nscope = \"host\"\ndecap = \"auto\"\nprobe = []\nallowed_macs = []\n"
      "[engine]\ncarrier = \"packet\"\nconnections = 1048576\nworkers = 1\nspin = \"50us\"\n"
      "answers_per_second = 1000\non_remove = \"drain 60s\"\n"
      "[control]\ngroup = \"lvskit\"\nwriters = [\"root\"]\n[metrics]\nlisten = \"off\"\n");
  expect_service_defaults(profile.services[0]);
  expect_other_defaults(profile);
}

TEST(ReadProfile, ReadsEveryKeyOfAService) {
  const Profile profile = read_good(spoiled(
      6,
      "name = \"shop\"\nprotocol = [\"udp\", \"sctp\"]\nmethod = \"tun\"\n"
      "tunnel = { type = \"gue\", port = 6080, checksum = true }\n"
      "persistence_mask = 24\npersistence = \"10m\"\nquorum = 2\nhysteresis = 1\n"
      "on_failure = \"remove\"\nsorry_server = \"192.168.3.80\"\nexpire_nodest_conn = false\n"
      "check = { type = \"http\", status = [200, \"300-302\"], rise = 1, through = \"vip\" }"));
  const ServiceEntry& service = profile.services[0];
  EXPECT_EQ(service.name, "shop");
  EXPECT_EQ(service.protocols, (std::vector{Protocol::Udp, Protocol::Sctp}));
  EXPECT_EQ(service.tunnel.type, TunnelType::Gue);
  EXPECT_EQ(service.tunnel.port, Port{6080});
  EXPECT_TRUE(service.tunnel.checksum);
  ASSERT_TRUE(service.persistence);
  EXPECT_EQ(service.persistence->timeout, Seconds{600});
  EXPECT_EQ(service.persistence->mask, 24);
  EXPECT_EQ(service.on_failure, OnFailure::Remove);
  EXPECT_FALSE(service.expire_nodest_conn);
  ASSERT_TRUE(service.sorry_server && service.sorry_server->address);
  EXPECT_EQ(to_string(*service.sorry_server->address), "192.168.3.80");
  ASSERT_TRUE(service.check);
  EXPECT_EQ(service.check->options.at("status"), "200,300-302");
  EXPECT_TRUE(service.check->through_vip);
}

TEST(ReadProfile, ResolvesAChecksName) {
  const Profile profile = read_good(spoiled(7, "check = \"web\"") +
                                    "[check.web]\ntype = \"script\"\ninterval = \"1500ms\"\n"
                                    "command = [\"/bin/probe\", \"a b\"]\n");
  ASSERT_TRUE(profile.services[0].check);
  EXPECT_EQ(profile.services[0].check->name, "web");
  EXPECT_EQ(profile.services[0].check->type, CheckType::Script);
  EXPECT_EQ(profile.services[0].check->interval, Milliseconds{1500});
  EXPECT_EQ(profile.services[0].check->options.at("command"), "/bin/probe\na b");
}

TEST(ReadProfile, ReadsEveryKeyOfAHost) {
  const Profile profile =
      read_good(std::string{kGoodProfile} +
                "gateway = [\"192.168.1.1\"]\narp = \"nft\"\nscope = \"global\"\ndecap = \"bpf\"\n"
                "probe = [\"tcp lb1:22\", \"arp 192.168.1.90\", \"tcp [fd00::1]:80\"]\n"
                "allowed_macs = [\"02:00:00:00:00:01\"]\n");
  const Host& host = profile.hosts[2];
  EXPECT_EQ(to_string(host.gateways.at(0)), "192.168.1.1");
  EXPECT_EQ(host.arp, ArpStyle::Nft);
  EXPECT_EQ(host.scope, VipScope::Global);
  EXPECT_EQ(host.decap, Decap::Bpf);
  ASSERT_EQ(host.probes.size(), 3U);
  EXPECT_EQ(to_string(host.probes[0].address), "192.168.1.90");
  EXPECT_EQ(host.probes[0].port, Port{22});
  EXPECT_EQ(host.probes[1].kind, HostProbe::Kind::Arp);
  EXPECT_EQ(to_string(host.probes[2].address), "fd00::1");
  EXPECT_EQ(host.allowed_macs.size(), 1U);
}

TEST(ReadProfile, ReadsSysctlsInBothSpellings) {
  const Profile profile =
      read_good(std::string{kGoodProfile} +
                "[host.rs2.sysctl]\nnet.ipv4.conf.all.arp_ignore = 2\n"
                "\"net.ipv4.conf.eth0/1.arp_ignore\" = 0\n\"net/ipv4/ip_forward\" = true\n");
  const std::map<std::string, std::string> expected{{"net/ipv4/conf/all/arp_ignore", "2"},
                                                    {"net/ipv4/conf/eth0.1/arp_ignore", "0"},
                                                    {"net/ipv4/ip_forward", "1"}};
  EXPECT_EQ(profile.hosts[2].sysctl, expected);
}

TEST(ReadProfile, ReadsTheOtherSections) {
  const Profile profile = read_good(
      std::string{kGoodProfile} +
      "[vrrp]\nid = 51\nversion = 2\ninterval = \"2s\"\npreempt = false\npreempt_delay = \"1s\"\n"
      "vips = [\"192.168.1.99\"]\npeers = [\"192.168.1.89\"]\nauth_file = \"/k\"\n"
      "track = [\"eth0\"]\n[engine]\ncarrier = \"xdp\"\nnics = [\"eth0\"]\non_remove = \"now\"\n"
      "new_flows_per_second = 5\n[control]\nwriters = []\n[metrics]\nlisten = \"[::1]:9090\"\n"
      "[lab]\nclients = \"192.168.1.10/24\"\nroutes_via = \"lb1\"\n[[mark]]\nvalue = 7\n"
      "ports = [80, \"90-91\"]\nsource = \"10.0.0.0/8\"\nprotocol = \"udp\"\n");
  ASSERT_TRUE(profile.vrrp);
  EXPECT_EQ(profile.vrrp->id, 51);
  EXPECT_EQ(profile.vrrp->interval, Milliseconds{2000});
  EXPECT_FALSE(profile.vrrp->preempt);
  EXPECT_EQ(profile.engine.carrier, CarrierKind::Xdp);
  EXPECT_FALSE(profile.engine.on_remove.drain);
  EXPECT_EQ(profile.engine.new_flows_per_second, 5U);
  EXPECT_TRUE(profile.control.writers.empty());
  EXPECT_EQ(profile.metrics.listen, "[::1]:9090");
  EXPECT_EQ(profile.lab.routes_via, "lb1");
  ASSERT_EQ(profile.marks.size(), 1U);
  EXPECT_EQ(profile.marks[0].ports.size(), 2U);
}

TEST(ReadProfile, TakesAVipWithTheWholeAddressAsPrefix) {
  const Profile profile = read_good(spoiled(4, "vip = \"192.168.1.99/32\""));
  EXPECT_EQ(to_string(profile.services[0].vips[0]), "192.168.1.99");
}

TEST(ReadProfile, TakesADirectorAsAServer) {
  EXPECT_EQ(read_good(spoiled(8, R"(servers = ["lb1", "rs1"])")).services[0].servers.size(), 2U);
}

TEST(ReadProfile, TakesServersFarAwayByTun) {
  const std::string text = spoiled(8, R"(servers = [{ address = "10.0.0.5", method = "tun" }])");
  EXPECT_EQ(read_good(text).services[0].servers[0].method, Method::Tun);
}

TEST(ReadProfile, MapsPortsByNat) {
  const std::string text =
      spoiled(8, R"(servers = [{ host = "rs1", port = 8080, method = "nat" }])");
  EXPECT_EQ(read_good(text).services[0].servers[0].port, Port{8080});
}

/// Any valid profile comes back as it was written.
TEST(ReadProfile, ReturnsWhatWasWrittenForManyProfiles) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::minstd_rand random{seed};
    const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
    const unsigned port = 1 + below(65535);
    const unsigned weight = below(65536);
    const unsigned connections = 1 + below(1000000);
    const unsigned timeout = 1 + below(2678400);
    std::string text = spoiled(5, "port = " + std::to_string(port) + "\ntimeouts.udp = \"" +
                                      std::to_string(timeout) + "s\"");
    text.replace(text.find("weight = 3"), 10, "weight = " + std::to_string(weight));
    const Profile profile =
        read_good(text + "[engine]\nconnections = " + std::to_string(connections) + "\n");
    EXPECT_EQ(profile.services[0].ports[0].first.number, port) << text;
    EXPECT_EQ(profile.services[0].timeouts.udp.count(), timeout) << text;
    EXPECT_EQ(profile.services[0].servers[1].weight, weight) << text;
    EXPECT_EQ(profile.engine.connections, connections) << text;
  }
}

TEST(NotYet, IsEmptyForWhatWorks) {
  EXPECT_TRUE(read_good(std::string{kGoodProfile}).not_yet.empty());
}

TEST(NotYet, ListsKeysInTheOrderOfTheFileWithTheirPositions) {
  const Profile profile =
      read_good(spoiled(7, "quorum = 2\nscheduler = \"wrr\"\ncheck = { type = \"tcp\" }") +
                "arp = \"nft\"\n[engine]\nworkers = 2\nspin = \"1us\"\non_remove = "
                "\"now\"\n[metrics]\nlisten = \"off\"\n");
  std::vector<std::string> found;
  for (const NotYet& item : profile.not_yet)
    found.push_back(std::to_string(item.where.line) + ":" + std::to_string(item.where.column) +
                    " " + item.key);
  const std::vector<std::string> expected{"7:1 service.quorum", "9:1 service.check",
                                          "28:1 engine.workers = 2", "30:1 engine.on_remove",
                                          "31:2 metrics"};
  EXPECT_EQ(found, expected);
}

TEST(NotYet, LeavesOutKeysThatAreSaidWithTheirDefault) {
  EXPECT_TRUE(read_good(std::string{kGoodProfile} + "arp = \"sysctl\"\n[engine]\nworkers = 1\n"
                                                    "carrier = \"packet\"\n")
                  .not_yet.empty());
}

TEST(NotYet, LeavesOutWhatTheEngineDoes) {
  EXPECT_TRUE(read_good(spoiled(6, "method = \"nat\"\npersistence = true")).not_yet.empty());
  EXPECT_TRUE(
      read_good(spoiled(7, "scheduler = \"mh\"\nscheduler_flags = [\"mh-port\"]")).not_yet.empty());
}

TEST(NotYet, SaysTheKeyAndItsLine) {
  const Profile profile = read_good(spoiled(6, "method = \"nat\"\non_failure = \"remove\""));
  ASSERT_EQ(profile.not_yet.size(), 1U);
  EXPECT_EQ(describe(profile.not_yet[0]),
            "`service.on_failure` (line 7) is checked, but this version does not act on it");
}

TEST(ReadProfile, LetsTheOneDirectorOfANatServiceHaveTheVip) {
  const std::string nat =
      replace_line(spoiled(6, "method = \"nat\""), "192.168.1.90/24", "192.168.1.99/24");
  EXPECT_TRUE(read_good(nat).hosts[0].owns(Ipv4Addr(192, 168, 1, 99)));
  const std::string dr =
      replace_line(std::string{kGoodProfile}, "192.168.1.90/24", "192.168.1.99/24");
  EXPECT_EQ(read_profile(dr, "web.toml").errors.size(), 1U);
  const std::string two = nat +
                          "[host.lb2]\nrole = \"director\"\ninterface = \"eth0\"\naddress = "
                          "\"192.168.1.89/24\"\n";
  EXPECT_EQ(read_profile(two, "web.toml").errors.size(), 1U);
}

TEST(ShippedProfiles, AreGoodAndAllOfThemIsActedOn) {
  const auto folder = std::filesystem::path{LVSKIT_SOURCE_DIR} / "profiles";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".toml") continue;
    std::ifstream file{entry.path()};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_TRUE(text.starts_with("# ")) << entry.path();
    for (const NotYet& later : read_good(text).not_yet)
      ADD_FAILURE() << entry.path() << ": " << describe(later);
    ++count;
  }
  EXPECT_GE(count, 5);
}

}  // namespace
}  // namespace lvs::profiles
