#include "verify/core/targets.h"

#include <gtest/gtest.h>

#include "profiles/core/read.h"

namespace lvs::verify {
namespace {

const IpAddr kVip = Ipv4Addr{192, 168, 1, 99};

profiles::Profile profile_of(const std::string& services) {
  auto read = profiles::read_profile(
      "name = \"t\"\n" + services +
          "[host.lb1]\nrole = \"director\"\ninterface = \"eth0\"\naddress = "
          "\"192.168.1.90/24\"\n[host.rs1]\nrole = \"realserver\"\ninterface = \"eth0\"\n"
          "address = \"192.168.1.91/24\"\n",
      "t.toml");
  for (const auto& error : read.errors) ADD_FAILURE() << to_string(error);
  return std::move(read.profile);
}

std::vector<Target> targets(const std::string& service) {
  const profiles::Profile profile =
      profile_of("[[service]]\nmethod = \"dr\"\nservers = [\"rs1\"]\n" + service);
  return targets_of(profile, all_services(profile).front(), sampled_ports());
}

TEST(Targets, OneForAServiceOfOnePort) {
  EXPECT_EQ(targets("vip = \"192.168.1.99\"\nport = 80\n"),
            (std::vector<Target>{{kVip, Protocol::Tcp, Port{80}, Asked::Page}}));
  EXPECT_EQ(targets("vip = \"192.168.1.99\"\nport = 7\nprotocol = \"udp\"\n"),
            (std::vector<Target>{{kVip, Protocol::Udp, Port{7}, Asked::Datagram}}));
  EXPECT_TRUE(targets("vip = \"192.168.1.99\"\nport = 80\nprotocol = \"sctp\"\n").empty());
}

TEST(Targets, SamplesOfEveryPort) {
  EXPECT_EQ(targets("vip = \"192.168.1.99\"\nport = 0\npersistence = true\n"),
            (std::vector<Target>{{kVip, Protocol::Tcp, Port{80}, Asked::Page},
                                 {kVip, Protocol::Tcp, Port{8080}, Asked::Page}}));
}

TEST(Targets, ControlAndDataOfPersistentFtp) {
  EXPECT_EQ(targets("vip = \"192.168.1.99\"\nport = 21\n").size(), 1u);
  const auto both = targets("vip = \"192.168.1.99\"\nport = 21\npersistence = true\n");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].asked, Asked::Greeting);
  EXPECT_EQ(both[1].asked, Asked::Page);
  EXPECT_GE(both[1].port, Port{1024});
}

TEST(Targets, WhatTheEntriesOfAMarkSay) {
  const std::string marks =
      "mark = 1\n[[mark]]\nvalue = 1\nvip = \"192.168.1.99\"\nports = [80, \"443-445\"]\n"
      "[[mark]]\nvalue = 1\nvip = \"192.168.1.98\"\nprotocol = \"udp\"\nports = [53]\n"
      "[[mark]]\nvalue = 1\nprotocol = \"tcp\"\nports = [99]\n";
  EXPECT_EQ(
      targets(marks),
      (std::vector<Target>{{kVip, Protocol::Tcp, Port{80}, Asked::Page},
                           {kVip, Protocol::Tcp, Port{443}, Asked::Page},
                           {Ipv4Addr{192, 168, 1, 98}, Protocol::Udp, Port{53}, Asked::Datagram}}));
}

TEST(Targets, AServersPortIsItsOwnOrTheOneAsked) {
  const profiles::Profile profile = profile_of(
      "[[service]]\nmethod = \"nat\"\nservers = [{ host = \"rs1\", port = 8081 }]\n"
      "vip = \"192.168.1.99\"\nport = 80\n");
  const profiles::Service service = all_services(profile).front();
  const profiles::Server server =
      profiles::servers_of(profile, service, profile.hosts.front()).front();
  EXPECT_EQ(port_at(server, service, {kVip, Protocol::Tcp, Port{80}, Asked::Page}), Port{8081});
  EXPECT_EQ(port_at(server, service, {kVip, Protocol::Tcp, Port{50021}, Asked::Page}), Port{50021});
}

}  // namespace
}  // namespace lvs::verify
