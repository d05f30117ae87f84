#pragma once

#include <string>

#include "profiles/core/profile.h"
#include "profiles/core/snapshot.h"

// The smallest dr cluster as values: a director, two real servers, one VIP; and what a fresh host
// of it looks like.

namespace lvs::test {

inline constexpr Ipv4Addr kVip{192, 168, 1, 99};

inline profiles::Host dr_host(const std::string& name, profiles::Role role, Ipv4Addr address) {
  profiles::Host host;
  host.name = name;
  host.roles = {role};
  profiles::Nic nic;
  nic.name = "eth0";
  nic.addresses = {Prefix{address, 24}};
  host.nics = {nic};
  return host;
}

inline profiles::ServerEntry server_on(const std::string& host) {
  profiles::ServerEntry server;
  server.host = host;
  return server;
}

inline profiles::Profile dr_profile() {
  profiles::Profile profile;
  profile.name = "web";
  profiles::ServiceEntry service;
  service.vips = {IpAddr{kVip}};
  service.ports = {{Port{80}, Port{80}}};
  service.protocols = {Protocol::Tcp};
  service.servers = {server_on("rs1"), server_on("rs2")};
  profile.services = {service};
  profile.hosts = {dr_host("lb1", profiles::Role::Director, Ipv4Addr{192, 168, 1, 90}),
                   dr_host("rs1", profiles::Role::RealServer, Ipv4Addr{192, 168, 1, 91}),
                   dr_host("rs2", profiles::Role::RealServer, Ipv4Addr{192, 168, 1, 92})};
  return profile;
}

inline profiles::Snapshot fresh_host(Ipv4Addr address) {
  profiles::Snapshot host;
  host.links = {"lo", "eth0"};
  host.addresses = {{"lo", Ipv4Addr{127, 0, 0, 1}, 8, profiles::kScopeHost, "lo", 0},
                    {"eth0", address, 24, profiles::kScopeGlobal, "eth0", 0}};
  for (const char* link : {"all", "eth0", "lo"})
    for (const char* name : {"arp_ignore", "arp_announce", "rp_filter", "send_redirects"})
      host.sysctls["net/ipv4/conf/" + std::string(link) + "/" + name] = "0";
  return host;
}

}  // namespace lvs::test
