#include "director/core/ipvsadm/parse.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace lvs::director::ipvsadm {
namespace {

Outcome<Command> parsed(std::string_view line) { return parse_line(line, {}); }

template <typename T>
T command_of(std::string_view line) {
  const auto command = parsed(line);
  if (!command) {
    ADD_FAILURE() << line << ": " << command.error().message;
    return {};
  }
  const T* const wanted = std::get_if<T>(&*command);
  if (wanted == nullptr) ADD_FAILURE() << line << ": another command";
  return wanted == nullptr ? T{} : *wanted;
}

std::string refusal_of(std::string_view line) {
  const auto command = parsed(line);
  return command ? "taken" : command.error().message;
}

TEST(IpvsadmParse, ReadsAService) {
  const auto service =
      command_of<AddService>("-A -t 10.0.0.1:80 -s mh -b mh-port,flag-1 -p 60 -M 255.255.255.0");
  const ServiceConfig& config = service.config;
  EXPECT_EQ(config.key, (ServiceKey{Protocol::Tcp, Ipv4Addr{10, 0, 0, 1}, Port{80}, 0}));
  EXPECT_EQ(config.scheduler, "mh");
  EXPECT_EQ(config.scheduler_flags, SchedulerFlags{3});
  EXPECT_EQ(config.persistence, (Persistence{60, 24}));
}

TEST(IpvsadmParse, FillsInIpvsadmsDefaults) {
  const auto service = command_of<AddService>("-A -u 10.0.0.1:53 -p");
  EXPECT_EQ(service.config.scheduler, "wlc");
  EXPECT_EQ(service.config.persistence, (Persistence{360, 32}));
  const auto server = command_of<AddServer>("-a -u 10.0.0.1:53 -r 10.0.0.2");
  EXPECT_EQ(server.config.port, Port{53});
  EXPECT_EQ(server.config.weight, 1u);
  EXPECT_EQ(server.config.method, ForwardMethod::Route);
}

TEST(IpvsadmParse, ReadsMarksOfBothFamilies) {
  EXPECT_EQ(command_of<DeleteService>("-D -f 7").key, ServiceKey::of_mark(7, Family::Ipv4));
  EXPECT_EQ(command_of<DeleteService>("-D -f 7 -6").key, ServiceKey::of_mark(7, Family::Ipv6));
}

TEST(IpvsadmParse, LeavesThePortOfAServerOnlyWhereItsMethodMapsIt) {
  EXPECT_EQ(command_of<AddServer>("-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m").config.port, Port{8080});
  EXPECT_EQ(command_of<AddServer>("-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -g").config.port, Port{80});
  EXPECT_EQ(command_of<DeleteServer>("-d -t 10.0.0.1:80 -r 10.0.0.2:8080").port, Port{8080});
}

TEST(IpvsadmParse, ReadsTunnels) {
  const auto server = command_of<EditServer>(
      "-e -t 10.0.0.1:80 -r [fd00::2]:80 -i --tun-type gue --tun-port=6080 --tun-csum -w5");
  EXPECT_EQ(server.config.method, ForwardMethod::Tunnel);
  EXPECT_EQ(server.config.tunnel, (TunnelConfig{TunnelType::Gue, Port{6080}, true}));
  EXPECT_EQ(server.config.weight, 5u);
  EXPECT_FALSE(server.remote_checksum);
}

TEST(IpvsadmParse, BundlesShortSwitches) {
  const auto listing = command_of<List>("-Lnc");
  EXPECT_TRUE(listing.numeric);
  EXPECT_EQ(listing.what, ListWhat::Connections);
  EXPECT_EQ(command_of<AddServer>("-at 10.0.0.1:80 -r 10.0.0.2 -mw 3").config.weight, 3u);
}

TEST(IpvsadmParse, NothingAtAllLists) {
  EXPECT_EQ(command_of<List>("").what, ListWhat::Services);
  EXPECT_FALSE(command_of<List>("").numeric);
}

TEST(IpvsadmParse, ReadsTimeouts) {
  const auto timeouts = command_of<SetTimeouts>("--set 900 0 30");
  EXPECT_EQ(timeouts.tcp_s, 900u);
  EXPECT_EQ(timeouts.tcp_fin_s, 0u);
  EXPECT_EQ(timeouts.udp_s, 30u);
}

// Messages that no recording holds.
TEST(IpvsadmParse, SaysWhatIsWrong) {
  EXPECT_EQ(refusal_of("-A -t 10.0.0.1:80 -s rr -b mh-port"),
            "incompatible scheduler flag `mh-port'");
  EXPECT_EQ(refusal_of("-A -t 10.0.0.1:80 -s rr -b sideways"), "invalid scheduler flag `sideways'");
  EXPECT_EQ(refusal_of("-a -t 10.0.0.1:80 -r 10.0.0.2 -y x"), "illegal l_threshold specified");
  EXPECT_EQ(refusal_of("-A -t 10.0.0.1:80 -p 2678401"),
            "invalid timeout value `2678401' specified");
}

TEST(IpvsadmNames, AreThoseOfTheFiles) {
  NameTable table;
  table.read_hosts(
      "# ours\n10.0.0.1 vip www.example # both\n::1 six\nnonsense here\n10.0.0.9 vip\n");
  table.read_services("http 80/tcp www\ndomain 53/udp\nbroken 99999/tcp\n");
  EXPECT_EQ(table.find_host("www.example"), IpAddr{Ipv4Addr(10, 0, 0, 1)});
  EXPECT_EQ(table.find_host("vip"), IpAddr{Ipv4Addr(10, 0, 0, 1)});
  EXPECT_FALSE(table.find_host("here").has_value());
  EXPECT_EQ(table.find_port("www", Protocol::Tcp), Port{80});
  EXPECT_FALSE(table.find_port("domain", Protocol::Tcp).has_value());
  EXPECT_FALSE(table.find_port("broken", Protocol::Tcp).has_value());
  const auto command = parse_line("-D -t vip:http", table.names());
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(std::get<DeleteService>(*command).key.port, Port{80});
}

}  // namespace
}  // namespace lvs::director::ipvsadm
