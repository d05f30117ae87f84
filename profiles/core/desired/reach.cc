#include "profiles/core/desired/reach.h"

#include <algorithm>

#include "profiles/core/derive.h"

namespace lvs::profiles {
namespace {

void sort_once(std::vector<IpAddr>& addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
}

std::vector<ServerEntry> servers_of(const ServiceEntry& entry) {
  std::vector<ServerEntry> servers = entry.servers;
  if (entry.sorry_server) servers.push_back(*entry.sorry_server);
  return servers;
}

/// A service by a mark may have no VIP; by nat its servers need none.
std::vector<IpAddr> vips_of(const ServiceEntry& entry, Method method) {
  if (!entry.mark || !entry.vips.empty() || method != Method::Nat) return entry.vips;
  return {entry.mark_family == Family::Ipv4 ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}}};
}

std::optional<Seat> seat_of(const ServiceEntry& entry, const ServerEntry& server, const Host& host,
                            const IpAddr& vip) {
  const Method method = server.method.value_or(entry.method);
  if (server.host == host.name) {
    const auto rip = real_address_of(host, vip, method);
    return rip ? std::optional{Seat{&entry, vip, *rip}} : std::nullopt;
  }
  if (server.address && host.owns(*server.address)) return Seat{&entry, vip, *server.address};
  return std::nullopt;
}

}  // namespace

std::vector<Seat> seats_of(const Profile& profile, const Host& host, Method method) {
  std::vector<Seat> seats;
  for (const ServiceEntry& entry : profile.services)
    for (const ServerEntry& server : servers_of(entry)) {
      if (server.method.value_or(entry.method) != method) continue;
      for (const IpAddr& vip : vips_of(entry, method))
        if (const auto seat = seat_of(entry, server, host, vip)) seats.push_back(*seat);
    }
  return seats;
}

std::vector<IpAddr> vips_of(const std::vector<Seat>& seats) {
  std::vector<IpAddr> vips;
  vips.reserve(seats.size());
  for (const Seat& seat : seats) vips.push_back(seat.vip);
  sort_once(vips);
  return vips;
}

std::vector<IpAddr> of_family(const std::vector<IpAddr>& addresses, Family family) {
  std::vector<IpAddr> found;
  for (const IpAddr& address : addresses)
    if (address.family() == family) found.push_back(address);
  return found;
}

std::vector<const Host*> directors_of(const Profile& profile) {
  std::vector<const Host*> directors;
  for (const Host& host : profile.hosts)
    if (host.has(Role::Director)) directors.push_back(&host);
  return directors;
}

const Nic* nic_with(const Host& host, const IpAddr& address) {
  for (const Nic& nic : host.nics)
    for (const Prefix& own : nic.addresses)
      if (own.addr == address) return &nic;
  return nullptr;
}

const Nic* nic_toward(const Host& host, const IpAddr& address) {
  for (const Nic& nic : host.nics)
    if (address_toward(nic, address)) return &nic;
  return nullptr;
}

std::optional<IpAddr> address_toward(const Nic& nic, const IpAddr& other) {
  for (const Prefix& own : nic.addresses)
    if (own.contains(other)) return own.addr;
  return std::nullopt;
}

std::optional<IpAddr> first_address(const Nic& nic, Family family) {
  for (const Prefix& own : nic.addresses)
    if (own.addr.family() == family) return own.addr;
  return std::nullopt;
}

std::vector<IpAddr> sources_toward(const Host& host, const IpAddr& other) {
  std::vector<IpAddr> near;
  std::vector<IpAddr> all;
  for (const Nic& nic : host.nics)
    for (const Prefix& own : nic.addresses) {
      if (own.addr.family() != other.family()) continue;
      all.push_back(own.addr);
      if (own.contains(other)) near.push_back(own.addr);
    }
  sort_once(near);
  sort_once(all);
  return near.empty() ? all : near;
}

}  // namespace lvs::profiles
