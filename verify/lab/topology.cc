#include "verify/lab/topology.h"

#include <algorithm>
#include <utility>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "verify/core/targets.h"
#include "verify/lab/client_network.h"

namespace lvs::verify {
namespace {

using profiles::Host;
using profiles::Nic;
using profiles::Profile;
using profiles::Role;

constexpr std::size_t kMaxInterfaceName = 15;  // IFNAMSIZ without the zero

/// Locally administered (second bit of the first octet), and telling host and NIC to a reader of a
/// capture.
MacAddr mac_of(std::size_t host, std::size_t nic) {
  return MacAddr{{0x02, 0x4c, 0x56, static_cast<std::uint8_t>(host >> 8),
                  static_cast<std::uint8_t>(host), static_cast<std::uint8_t>(nic)}};
}

/// The LAN that has one of these networks already.
std::optional<std::size_t> find_lan(const Topology& topology, const Prefix& network) {
  for (std::size_t i = 0; i < topology.lans.size(); ++i) {
    const auto& networks = topology.lans[i].networks;
    if (std::find(networks.begin(), networks.end(), network) != networks.end()) return i;
  }
  return std::nullopt;
}

/// The LAN on which a NIC with these addresses is; a new one when its networks are on none yet.
Result<std::size_t> lan_for(Topology& topology, const std::vector<Prefix>& addresses) {
  std::optional<std::size_t> found;
  for (const Prefix& address : addresses) {
    const auto lan = find_lan(topology, address.network());
    if (lan && found && *lan != *found)
      return fail("its addresses join two networks that are on different LANs");
    if (lan) found = lan;
  }
  if (!found) {
    found = topology.lans.size();
    topology.lans.push_back({.bridge = "lan" + std::to_string(*found), .networks = {}});
  }
  for (const Prefix& address : addresses)
    if (!find_lan(topology, address.network()))
      topology.lans[*found].networks.push_back(address.network());
  return *found;
}

Result<void> add_nic(Topology& topology, LabHost& host, const std::string& name,
                     const std::vector<Prefix>& addresses) {
  if (name.size() > kMaxInterfaceName)
    return fail("host " + host.name + ": interface name " + name + " is over 15 bytes");
  auto lan = lan_for(topology, addresses);
  if (!lan) return fail_within("host " + host.name + ", NIC " + name, std::move(lan).error());
  const std::size_t number = host.nics.size();
  const std::size_t host_number = topology.hosts.size();
  host.nics.push_back({.name = name,
                       .port = "p" + std::to_string(host_number) + "." + std::to_string(number),
                       .mac = mac_of(host_number + 1, number),
                       .lan = *lan,
                       .addresses = addresses});
  return {};
}

bool is_nat_server(const Profile& profile, const Host& host) {
  for (const auto& service : profile.services)
    for (const auto& server : service.servers)
      if (server.host == host.name &&
          server.method.value_or(service.method) == profiles::Method::Nat)
        return true;
  return false;
}

/// The gateways that the profile states as facts. A nat server's is derived: `apply` sets it.
void add_gateways(const Profile& profile, const Host& said, LabHost& host) {
  if (is_nat_server(profile, said)) return;
  for (const IpAddr& gateway : said.gateways)
    host.routes.push_back(
        {.destination = {gateway.is_v4() ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}}, 0},
         .gateway = gateway});
}

void add_port(std::vector<Port>& ports, Port port) {
  if (port.number == 0) return;
  if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
}

void add_server(Topology& topology, const std::string& name, Port port, Asked asked) {
  for (LabHost& host : topology.hosts) {
    if (host.name != name) continue;
    if (asked == Asked::Page) add_port(host.http_ports, port);
    if (asked == Asked::Datagram) add_port(host.echo_ports, port);
    if (asked == Asked::Greeting) add_port(host.greeting_ports, port);
  }
}

/// Which ports each real server's programs listen on.
void add_servers(const Profile& profile, Topology& topology) {
  const auto director = std::find_if(profile.hosts.begin(), profile.hosts.end(),
                                     [](const Host& host) { return host.has(Role::Director); });
  if (director == profile.hosts.end()) return;
  for (const profiles::Service& service : all_services(profile))
    for (const Target& target : targets_of(profile, service, sampled_ports()))
      for (const auto& server : profiles::servers_of(profile, service, *director))
        add_server(topology, server.name, port_at(server, service, target), target.asked);
  for (LabHost& host : topology.hosts)
    for (std::vector<Port>* ports : {&host.http_ports, &host.echo_ports, &host.greeting_ports})
      std::sort(ports->begin(), ports->end());
}

Result<void> add_host(const Profile& profile, const Host& said, Topology& topology) {
  LabHost host{.name = said.name,
               .roles = said.roles,
               .nics = {},
               .routes = {},
               .http_ports = {},
               .echo_ports = {}};
  for (const Nic& nic : said.nics) LVS_CHECK(add_nic(topology, host, nic.name, nic.addresses));
  add_gateways(profile, said, host);
  topology.hosts.push_back(std::move(host));
  return {};
}

/// The client that the profile does not describe: one host, a NIC for each network.
Result<void> add_client(const Profile& profile, Topology& topology) {
  LVS_TRY(const ClientPlan plan, plan_client(profile));
  LabHost host{.name = std::string{kClientName},
               .roles = {Role::Client},
               .nics = {},
               .routes = {},
               .http_ports = {},
               .echo_ports = {}};
  std::vector<Prefix> done;
  for (const Prefix& address : plan.addresses) {
    if (std::find(done.begin(), done.end(), address.network()) != done.end()) continue;
    done.push_back(address.network());
    std::vector<Prefix> same;
    for (const Prefix& other : plan.addresses)
      if (other.network() == address.network()) same.push_back(other);
    LVS_CHECK(add_nic(topology, host, "eth" + std::to_string(host.nics.size()), same));
  }
  if (plan.gateway)
    host.routes.push_back(
        {.destination = {plan.gateway->is_v4() ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}}, 0},
         .gateway = *plan.gateway});
  topology.hosts.push_back(std::move(host));
  return {};
}

}  // namespace

bool LabHost::has(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

const LabHost* Topology::host(std::string_view wanted) const {
  const auto at = std::find_if(hosts.begin(), hosts.end(),
                               [wanted](const LabHost& host) { return host.name == wanted; });
  return at == hosts.end() ? nullptr : &*at;
}

Result<Topology> make_topology(const Profile& profile, std::string name) {
  Topology topology{.name = std::move(name), .lans = {}, .hosts = {}};
  bool client_described = false;
  for (const Host& host : profile.hosts) {
    LVS_CHECK(add_host(profile, host, topology));
    client_described = client_described || host.has(Role::Client);
  }
  if (!client_described) {
    if (topology.host(kClientName) != nullptr)
      return fail("host client of the profile is no client: the lab needs that name for its own");
    LVS_CHECK(add_client(profile, topology));
  }
  add_servers(profile, topology);
  return topology;
}

}  // namespace lvs::verify
