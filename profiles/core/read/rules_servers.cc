// What must hold for the real servers of a service.

#include <algorithm>
#include <map>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "profiles/core/read/rules.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/table.h"

namespace lvs::profiles::reading {
namespace {

/// One real server of one service, with everything a rule looks at.
struct Seat {
  const ServiceEntry& service;
  const Value& said;  ///< the service's table
  const ServerEntry& server;
  const Host* host = nullptr;    ///< null for a bare address, or when there is none of that name
  std::optional<Method> method;  ///< nothing when it was not understood
};
using Rule = void (*)(const Seat& seat, const Subject& subject);

std::string name_of(const ServerEntry& server) {
  if (!server.host.empty()) return printable(server.host);
  return server.address ? to_string(*server.address) : "it";
}

std::string_view name_of(Method method) {
  switch (method) {
    case Method::Nat:
      return "nat";
    case Method::Dr:
      return "dr";
    case Method::Tun:
      return "tun";
  }
  return "";
}

/// The addresses that the service's traffic to this server may have; one for each family it needs.
std::vector<IpAddr> addresses_of(const Seat& seat) {
  if (seat.host == nullptr)
    return seat.server.address ? std::vector{*seat.server.address} : std::vector<IpAddr>{};
  std::vector<IpAddr> addresses;
  std::vector<IpAddr> vips = seat.service.vips;
  if (seat.service.mark && vips.empty())
    vips = {seat.service.mark_family == Family::Ipv4 ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}}};
  for (const IpAddr& vip : vips) {
    const auto address = real_address_of(*seat.host, vip, seat.method.value_or(Method::Dr));
    if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end())
      addresses.push_back(*address);
  }
  return addresses;
}

/// Where one of the server's keys stands; a server in the short form has none.
Where where_of_key(const Seat& seat, std::string_view key) {
  for (const std::string_view list : {"servers", "sorry_server"}) {
    const Member* member = seat.said.find(list);
    if (member == nullptr) continue;
    for (const Value& item : items_of(member->value)) {
      if (item.where == seat.server.where) return where_of(item, key);
    }
  }
  return seat.server.where;
}

/// False when an address of the host was not understood: what it lacks is not known then.
bool has_all_addresses(const Seat& seat, const Subject& subject) {
  if (seat.host == nullptr) return true;
  const Value& table = subject.root.find("host")->value.find(seat.host->name)->value;
  return well_said(table, table.find("nics") != nullptr ? "nics" : "address", subject.errors);
}

void judge_host(const Seat& seat, const Subject& subject) {
  if (seat.server.host.empty()) return;
  if (seat.host == nullptr)
    return subject.errors.add(seat.server.where,
                              "there is no [host." + name_of(seat.server) + "] for this server",
                              host_hint(seat.server.host, subject.profile));
  const Member* table = subject.root.find("host")->value.find(seat.server.host);
  if (!well_said(table->value, "role", subject.errors)) return;
  if (!seat.host->has(Role::RealServer) && !seat.host->has(Role::Director))
    subject.errors.add(
        seat.server.where,
        name_of(seat.server) +
            " is listed as a server, but its role is neither "
            "realserver nor director",
        "its role is in line " + std::to_string(where_of(table->value, "role").line));
}

void judge_family(const Seat& seat, const Subject& subject) {
  if (seat.method == Method::Tun) return;  // a tunnel may carry the other family
  if (!has_all_addresses(seat, subject)) return;
  for (const IpAddr& vip : seat.service.vips) {
    const bool has_none =
        seat.host != nullptr ? !seat.host->nics.empty() && !address_of(*seat.host, vip)
                             : seat.server.address && seat.server.address->family() != vip.family();
    if (!has_none) continue;
    return subject.errors.add(seat.server.where, name_of(seat.server) + " has no " +
                                                     (vip.is_v4() ? "IPv4" : "IPv6") +
                                                     " address for the VIP " + to_string(vip));
  }
}

/// dr and tun leave the packet as it is: the server receives it at the service's own port.
void judge_port(const Seat& seat, const Subject& subject) {
  if (!seat.server.port || !seat.method || seat.method == Method::Nat) return;
  const Port port = *seat.server.port;
  const bool maps = std::any_of(
      seat.service.ports.begin(), seat.service.ports.end(),
      [&](const PortRange& range) { return range.first != port || range.last != port; });
  if (maps)
    subject.errors.add(where_of_key(seat, "port"),
                       "port " + std::to_string(port.number) + " of " + name_of(seat.server) +
                           " differs from the service's: " + std::string{name_of(*seat.method)} +
                           " cannot map ports",
                       "leave the server's `port` out, or use method \"nat\"");
}

/// A host's own address is judged with the hosts; here are the servers that are only an address.
void judge_vip(const Seat& seat, const Subject& subject) {
  if (seat.server.address && subject.vips.contains(*seat.server.address))
    subject.errors.add(seat.server.where,
                       "the real server's address " + name_of(seat.server) + " is also a VIP",
                       "a real server needs an address of its own beside the VIP");
}

std::vector<Prefix> networks_of(const Host& host, Family family) {
  std::vector<Prefix> networks;
  for (const Nic& nic : host.nics) {
    for (const Prefix& own : nic.addresses) {
      if (own.addr.family() == family) networks.push_back(own.network());
    }
  }
  return networks;
}

void judge_reach(const Seat& seat, const Host& director, const IpAddr& address, Errors& errors) {
  const std::vector<Prefix> networks = networks_of(director, address.family());
  const bool is_near = std::any_of(networks.begin(), networks.end(), [&](const Prefix& network) {
    return network.contains(address);
  });
  if (is_near || networks.empty()) return;
  std::string names;
  for (const Prefix& network : networks) names += (names.empty() ? "" : ", ") + to_string(network);
  errors.add(seat.server.where,
             to_string(address) + " is in no network of the director " + director.name + " (" +
                 names + "): dr reaches only servers on its own LAN",
             "method \"tun\" goes through routers");
}

/// dr puts the real server's MAC address on the frame, so both must be on one LAN.
void judge_network(const Seat& seat, const Subject& subject) {
  if (seat.method != Method::Dr) return;
  for (const Host& director : subject.profile.hosts) {
    if (!director.has(Role::Director) || &director == seat.host) continue;
    for (const IpAddr& address : addresses_of(seat))
      judge_reach(seat, director, address, subject.errors);
  }
}

/// The director's kernel or engine puts an outer header on, and needs an address for its source.
void judge_tunnel_family(const Seat& seat, const Subject& subject) {
  if (seat.method != Method::Tun) return;
  for (const Host& director : subject.profile.hosts) {
    if (!director.has(Role::Director) || &director == seat.host || director.nics.empty()) continue;
    for (const IpAddr& address : addresses_of(seat)) {
      if (!networks_of(director, address.family()).empty()) continue;
      const std::string family = address.is_v4() ? "IPv4" : "IPv6";
      return subject.errors.add(seat.server.where, "the director " + director.name + " has no " +
                                                       family + " address to tunnel to " +
                                                       to_string(address) + " from");
    }
  }
}

/// What a real server takes out of its tunnel is the service's to say, and how, the host's.
void judge_decap(const Seat& seat, const Subject& subject) {
  if (seat.method != Method::Tun || seat.host == nullptr) return;
  const Decap decap = seat.host->decap;
  if (decap != Decap::Ipip && decap != Decap::Tunl0) return;
  const std::string said = std::string{"`decap` = "} +
                           (decap == Decap::Ipip ? "\"ipip\"" : "\"tunl0\"") + " of " +
                           name_of(seat.server);
  if (seat.service.tunnel.type != TunnelType::Ipip)
    return subject.errors.add(seat.server.where,
                              said + " is for tunnels of type ipip, this service has another",
                              R"(`decap` = "auto" finds a way for each type)");
  const std::vector<IpAddr>& vips = seat.service.vips;
  const auto v6 =
      std::find_if(vips.begin(), vips.end(), [](const IpAddr& vip) { return !vip.is_v4(); });
  if (decap == Decap::Tunl0 && v6 != vips.end())
    subject.errors.add(seat.server.where,
                       said + " carries IPv4 alone, but a VIP is " + to_string(*v6),
                       R"(`decap` = "auto" finds a way for each family)");
}

void judge_thresholds(const Seat& seat, const Subject& subject) {
  const ServerEntry& server = seat.server;
  if (server.lower == 0) return;
  if (server.upper == 0)
    subject.errors.add(where_of_key(seat, "lower"),
                       "`lower` of " + name_of(server) + " needs `upper`");
  else if (server.lower > server.upper)
    subject.errors.add(where_of_key(seat, "lower"),
                       "`lower` of " + name_of(server) + ", " + std::to_string(server.lower) +
                           ", is above its `upper`, " + std::to_string(server.upper));
}

constexpr Rule kRules[] = {judge_host,    judge_family,        judge_port,  judge_vip,
                           judge_network, judge_tunnel_family, judge_decap, judge_thresholds};

/// IPVS refuses a second server of the same address and port in one service. Two hosts that share
/// an address are judged with the hosts.
void judge_doubles(const ServiceEntry& service, const Value& said, const Subject& subject) {
  std::map<std::pair<IpAddr, Port>, const Host*> seen;
  for (const ServerEntry& server : service.servers) {
    const Host* host = subject.profile.host(server.host);
    bool is_double = false;
    for (const IpAddr& address : addresses_of({service, said, server, host, std::nullopt})) {
      const auto [at, is_new] =
          seen.emplace(std::pair{address, server.port.value_or(Port{})}, host);
      const bool are_two_hosts = host != nullptr && at->second != nullptr && at->second != host;
      is_double = is_double || (!is_new && !are_two_hosts);
    }
    if (is_double)
      subject.errors.add(server.where, name_of(server) + " is listed twice in this service",
                         "a larger share is a larger `weight`");
  }
}

}  // namespace

void judge_servers(const Subject& subject) {
  const std::span<const Value> tables = service_tables(subject.root);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const ServiceEntry& service = subject.profile.services[i];
    const bool has_method = well_said(tables[i], "method", subject.errors);
    std::vector<ServerEntry> servers = service.servers;
    if (service.sorry_server) servers.push_back(*service.sorry_server);
    for (const ServerEntry& server : servers) {
      const auto method = server.method ? server.method
                          : has_method  ? std::optional{service.method}
                                        : std::nullopt;
      const Seat seat{service, tables[i], server, subject.profile.host(server.host), method};
      for (const Rule rule : kRules) rule(seat, subject);
    }
    judge_doubles(service, tables[i], subject);
  }
}

}  // namespace lvs::profiles::reading
