#include "verify/lab/client_network.h"

#include <algorithm>
#include <set>
#include <string>

#include "net/wire/addr_text.h"

namespace lvs::verify {
namespace {

using profiles::Host;
using profiles::Nic;
using profiles::Profile;
using profiles::Role;

constexpr std::uint32_t kMostTried = 65536;

const Host* first_with(const Profile& profile, Role role) {
  const auto at = std::find_if(profile.hosts.begin(), profile.hosts.end(),
                               [role](const Host& host) { return host.has(role); });
  return at == profile.hosts.end() ? nullptr : &*at;
}

/// All addresses of a host, of all its NICs.
std::vector<Prefix> addresses_of(const Host& host) {
  std::vector<Prefix> all;
  for (const Nic& nic : host.nics)
    all.insert(all.end(), nic.addresses.begin(), nic.addresses.end());
  return all;
}

std::optional<Prefix> network_of(const Nic& nic) {
  if (nic.addresses.empty()) return std::nullopt;
  return nic.addresses.front().network();
}

/// The network of the NIC that faces the clients, where one is marked so.
std::optional<Prefix> outside_network(const Host& host) {
  for (const Nic& nic : host.nics)
    if (nic.outside) return network_of(nic);
  return std::nullopt;
}

/// The first network of `host` in which `other` has no address.
std::optional<Prefix> network_without(const Host& host, const Host& other) {
  for (const Nic& nic : host.nics) {
    const auto network = network_of(nic);
    if (!network) continue;
    const std::vector<Prefix> theirs = addresses_of(other);
    const bool shared = std::any_of(theirs.begin(), theirs.end(), [&](const Prefix& address) {
      return network->contains(address.addr);
    });
    if (!shared) return network;
  }
  return std::nullopt;
}

/// The VIPs of all services, in file order.
std::vector<IpAddr> vips_of(const Profile& profile) {
  std::vector<IpAddr> all;
  for (const auto& service : profile.services)
    all.insert(all.end(), service.vips.begin(), service.vips.end());
  return all;
}

/// The network of a director's NIC that holds the first VIP.
std::optional<Prefix> vip_network(const Profile& profile, const Host& director) {
  for (const IpAddr& vip : vips_of(profile))
    for (const Prefix& address : addresses_of(director))
      if (address.contains(vip)) return address.network();
  return std::nullopt;
}

std::optional<Prefix> clients_network(const Profile& profile) {
  const Host* director = first_with(profile, Role::Director);
  const Host* router = first_with(profile, Role::Router);
  if (router != nullptr) {
    if (auto network = outside_network(*router)) return network;
    if (director != nullptr)
      if (auto network = network_without(*router, *director)) return network;
  }
  if (director == nullptr) return std::nullopt;
  if (auto network = vip_network(profile, *director)) return network;
  if (auto network = outside_network(*director)) return network;
  return director->nics.empty() ? std::nullopt : network_of(director->nics.front());
}

bool any_contains(const std::vector<Prefix>& networks, const IpAddr& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&address](const Prefix& network) { return network.contains(address); });
}

std::optional<IpAddr> address_in(const Host& host, const std::vector<Prefix>& clients) {
  for (const Prefix& address : addresses_of(host))
    if (any_contains(clients, address.addr)) return address.addr;
  return std::nullopt;
}

bool all_vips_on_lan(const Profile& profile, const std::vector<Prefix>& clients) {
  const std::vector<IpAddr> vips = vips_of(profile);
  return std::all_of(vips.begin(), vips.end(),
                     [&clients](const IpAddr& vip) { return any_contains(clients, vip); });
}

std::optional<IpAddr> gateway_for(const Profile& profile, const std::vector<Prefix>& clients) {
  if (!profile.lab.routes_via.empty()) {
    const Host* via = profile.host(profile.lab.routes_via);
    return via == nullptr ? std::nullopt : address_in(*via, clients);
  }
  if (const Host* router = first_with(profile, Role::Router))
    if (auto address = address_in(*router, clients)) return address;
  if (all_vips_on_lan(profile, clients)) return std::nullopt;
  const Host* director = first_with(profile, Role::Director);
  return director == nullptr ? std::nullopt : address_in(*director, clients);
}

std::set<IpAddr> taken_addresses(const Profile& profile) {
  std::set<IpAddr> taken;
  for (const Host& host : profile.hosts) {
    taken.insert(host.gateways.begin(), host.gateways.end());
    for (const Nic& nic : host.nics)
      for (const Prefix& address : nic.addresses) taken.insert(address.addr);
  }
  for (const auto& service : profile.services) {
    taken.insert(service.vips.begin(), service.vips.end());
    for (const auto& server : service.servers)
      if (server.address) taken.insert(*server.address);
  }
  for (const Prefix& client : profile.lab.clients) taken.insert(client.addr);
  return taken;
}

IpAddr numbered_address(const Prefix& network, std::uint32_t number) {
  if (network.addr.is_v4()) return Ipv4Addr{network.addr.v4().number() + number};
  auto octets = network.addr.v6().octets();
  octets[15] = static_cast<std::uint8_t>(octets[15] | (number & 0xffu));
  octets[14] = static_cast<std::uint8_t>(octets[14] | ((number >> 8) & 0xffu));
  return Ipv6Addr{octets};
}

std::size_t clients_wanted(const Profile& profile) {
  constexpr std::size_t to_see_them_spread = 4;
  const bool has_persistence =
      std::any_of(profile.services.begin(), profile.services.end(),
                  [](const auto& service) { return service.persistence.has_value(); });
  return has_persistence ? to_see_them_spread : 1;
}

}  // namespace

std::vector<Prefix> free_addresses(const Profile& profile, const Prefix& network,
                                   std::size_t most) {
  const std::set<IpAddr> taken = taken_addresses(profile);
  const Prefix base = network.network();
  std::vector<Prefix> found;
  for (std::uint32_t number = 1; number < kMostTried && found.size() < most; ++number) {
    const IpAddr candidate = numbered_address(base, number);
    const bool is_last = !base.contains(numbered_address(base, number + 1));
    const bool is_broadcast = candidate.is_v4() && is_last && base.length < 31;
    if (!base.contains(candidate) || is_broadcast) return found;
    if (!taken.contains(candidate)) found.push_back({candidate, base.length});
  }
  return found;
}

Result<ClientPlan> plan_client(const Profile& profile) {
  ClientPlan plan{.addresses = profile.lab.clients, .gateway = {}};
  if (plan.addresses.empty()) {
    const auto network = clients_network(profile);
    if (!network)
      return fail("no network for clients: no director with an address; say [lab] clients");
    plan.addresses = free_addresses(profile, *network, clients_wanted(profile));
    if (plan.addresses.empty())
      return fail("no free address for a client in " + to_string(*network) +
                  "; say [lab] clients in the profile");
  }
  plan.gateway = gateway_for(profile, plan.addresses);
  if (!profile.lab.routes_via.empty() && !plan.gateway)
    return fail("[lab] routes_via: host " + profile.lab.routes_via +
                " has no address in the clients' network");
  return plan;
}

}  // namespace lvs::verify
