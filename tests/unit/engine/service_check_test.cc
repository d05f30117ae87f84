#include "director/core/service_check.h"

#include <gtest/gtest.h>

// What is refused, and in which words (facts of IPVS, 2.1).

namespace lvs::director {
namespace {

const IpAddr kVip = Ipv4Addr(10, 0, 0, 1);
const IpAddr kVip6 = Ipv6Addr{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

ServiceConfig service(ServiceKey key) {
  return {.key = key, .name = {}, .scheduler = "rr", .persistence = {}};
}
ServiceConfig web() { return service({Protocol::Tcp, kVip, Port{80}}); }
std::string refusal(const ServiceConfig& config) {
  const Result<void> checked = check_service(config, kSchedulers);
  return checked ? "" : checked.error().what;
}

ServerConfig server() {
  return {.address = Ipv4Addr(192, 168, 10, 11), .port = Port{80}, .name = {}};
}
std::string refusal(const ServerConfig& config, const ServiceKey& key = web().key) {
  const Result<void> checked = check_server(key, config);
  return checked ? "" : checked.error().what;
}

TEST(ServiceCheck, TakesServicesOfEverySort) {
  EXPECT_EQ(refusal(web()), "");
  EXPECT_EQ(refusal(service({Protocol::Udp, kVip6, Port{53}})), "");
  EXPECT_EQ(refusal(service({Protocol::Sctp, kVip, Port{80}})), "");
  EXPECT_EQ(refusal(service(ServiceKey::of_mark(1, Family::Ipv4))), "");
  EXPECT_EQ(refusal(service(ServiceKey::of_mark(1, Family::Ipv6))), "");
}

TEST(ServiceCheck, RefusesWhatIsNotBalanced) {
  EXPECT_EQ(refusal(service({Protocol::Icmp, kVip, Port{80}})),
            "service icmp 10.0.0.1:80: only tcp, udp and sctp are balanced");
  ServiceConfig config = service(ServiceKey::of_mark(1, Family::Ipv4));
  config.key.port = Port{80};
  EXPECT_EQ(refusal(config), "service mark 1: a mark has no protocol, address or port");
}

TEST(ServiceCheck, WantsPersistenceForEveryPort) {
  ServiceConfig config = service({Protocol::Tcp, kVip, Port{}});
  EXPECT_EQ(refusal(config),
            "service tcp 10.0.0.1:0: port 0, which is every port, needs persistence");
  config.persistence = Persistence{};
  EXPECT_EQ(refusal(config), "");
}

TEST(ServiceCheck, BoundsPersistence) {
  ServiceConfig config = web();
  config.persistence = Persistence{.timeout_s = 0};
  EXPECT_EQ(refusal(config),
            "service tcp 10.0.0.1:80: the timeout of persistence is 1 to 2678400 seconds");
  config.persistence = Persistence{.timeout_s = 2678401};
  EXPECT_NE(refusal(config), "");
  config.persistence = Persistence{.mask = 0};
  EXPECT_EQ(refusal(config), "service tcp 10.0.0.1:80: the mask of persistence is 1 to 32 bits");
  config.persistence = Persistence{.mask = 33};
  EXPECT_NE(refusal(config), "");
  config.key.vip = kVip6;
  config.persistence = Persistence{.mask = 128};
  EXPECT_EQ(refusal(config), "");
  config.persistence = Persistence{.mask = 129};
  EXPECT_EQ(refusal(config),
            "service tcp [2001:db8::1]:80: the mask of persistence is 1 to 128 bits");
}

TEST(ServiceCheck, SchedulesSinglePacketsOfUdpAndOfMarksAlone) {
  ServiceConfig config = web();
  config.one_packet = true;
  EXPECT_EQ(refusal(config),
            "service tcp 10.0.0.1:80: one-packet scheduling is for udp and for marks");
  config.key.protocol = Protocol::Udp;
  EXPECT_EQ(refusal(config), "");
  config.key = ServiceKey::of_mark(9, Family::Ipv6);
  EXPECT_EQ(refusal(config), "");
}

TEST(ServiceCheck, KnowsSchedulersAndTheirFlags) {
  ServiceConfig config = web();
  config.scheduler = "best";
  EXPECT_EQ(refusal(config), "service tcp 10.0.0.1:80: no scheduler named best");
  config.scheduler = "sh";
  config.scheduler_flags.bits = 7;
  EXPECT_EQ(refusal(config), "");
  config.scheduler_flags.bits = 8;
  EXPECT_EQ(refusal(config), "service tcp 10.0.0.1:80: a scheduler has three flags");
}

TEST(ServiceCheck, BoundsTimeouts) {
  ServiceConfig config = web();
  config.udp_timeout_s = 2678401;
  EXPECT_EQ(refusal(config), "service tcp 10.0.0.1:80: a timeout is 1 to 2678400 seconds");
}

TEST(ServerCheck, WantsTheAddressOfOneHost) {
  EXPECT_EQ(refusal(server()), "");
  ServerConfig config = server();
  for (const Ipv4Addr address :
       {Ipv4Addr(0, 0, 0, 0), Ipv4Addr(224, 0, 0, 1), Ipv4Addr(255, 255, 255, 255)}) {
    config.address = address;
    EXPECT_NE(refusal(config), "");
  }
  config.address = Ipv4Addr(239, 1, 1, 1);
  EXPECT_EQ(refusal(config), "server 239.1.1.1:80 of tcp 10.0.0.1:80: not the address of one host");
  config.method = ForwardMethod::Tunnel;
  config.address = Ipv6Addr{{0xff, 0x02}};
  EXPECT_EQ(refusal(config), "server [ff02::]:80 of tcp 10.0.0.1:80: not the address of one host");
}

TEST(ServerCheck, LeadsToTheOtherFamilyByTunnelAlone) {
  ServerConfig config = server();
  config.address = kVip6;
  for (const auto method : {ForwardMethod::Masq, ForwardMethod::Route, ForwardMethod::Local}) {
    config.method = method;
    EXPECT_EQ(refusal(config),
              "server [2001:db8::1]:80 of tcp 10.0.0.1:80: only a tunnel leads from one address "
              "family to the other");
  }
  config.method = ForwardMethod::Tunnel;
  EXPECT_EQ(refusal(config), "");
  EXPECT_EQ(refusal(config, ServiceKey::of_mark(1, Family::Ipv4)), "");
}

TEST(ServerCheck, WantsAPortForGue) {
  ServerConfig config = server();
  config.tunnel.type = TunnelType::Gue;
  EXPECT_EQ(refusal(config), "") << "no tunnel at all";
  config.method = ForwardMethod::Tunnel;
  EXPECT_EQ(refusal(config),
            "server 192.168.10.11:80 of tcp 10.0.0.1:80: a gue tunnel needs a port");
  config.tunnel.port = Port{6080};
  EXPECT_EQ(refusal(config), "");
}

TEST(ServerCheck, BoundsWeightsAndThresholds) {
  ServerConfig config = server();
  config.weight = 0x7fffffff;
  EXPECT_EQ(refusal(config), "");
  config.weight = 0x80000000;
  EXPECT_NE(refusal(config), "");
  config = server();
  config.upper = 5;
  config.lower = 6;
  EXPECT_EQ(refusal(config),
            "server 192.168.10.11:80 of tcp 10.0.0.1:80: the lower threshold is above the upper "
            "one");
  config.lower = 5;
  EXPECT_EQ(refusal(config), "");
}

// Facts of IPVS, 2.13: "server port is forced to the service's".
TEST(ServerCheck, ForcesThePortWhereNoneCanBeMapped) {
  ServerConfig config = server();
  config.port = Port{8080};
  config.method = ForwardMethod::Route;
  EXPECT_EQ(with_forced_port(web().key, config).port, Port{80});
  config.method = ForwardMethod::Tunnel;
  EXPECT_EQ(with_forced_port(web().key, config).port, Port{80});
  EXPECT_EQ(with_forced_port(ServiceKey::of_mark(1, Family::Ipv4), config).port, Port{});
  config.method = ForwardMethod::Masq;
  EXPECT_EQ(with_forced_port(web().key, config).port, Port{8080});
}

}  // namespace
}  // namespace lvs::director
