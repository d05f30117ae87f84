// What a profile's service entries stand for: the services, their servers, and where VIPs go.

#include <algorithm>
#include <cassert>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"

namespace lvs::profiles {
namespace {

std::size_t port_count(const ServiceEntry& entry) {
  std::size_t count = 0;
  for (const PortRange& range : entry.ports)
    count += std::size_t{1} + range.last.number - range.first.number;
  return count;
}

/// A name that was said for several services is made distinct by what differs between them.
std::string name_of(const ServiceEntry& entry, const IpAddr& vip, Protocol protocol, Port port) {
  if (entry.name.empty())
    return to_string(protocol) + "-" + to_string(vip) + "-" + std::to_string(port.number);
  std::string name = entry.name;
  if (entry.protocols.size() > 1) name += "-" + to_string(protocol);
  if (entry.vips.size() > 1) name += "-" + to_string(vip);
  if (port_count(entry) > 1) name += "-" + std::to_string(port.number);
  return name;
}

void expand_ports(const ServiceEntry& entry, const IpAddr& vip, Protocol protocol,
                  std::vector<Service>& services) {
  for (const PortRange& range : entry.ports) {
    for (std::uint32_t number = range.first.number; number <= range.last.number; ++number) {
      const Port port{static_cast<std::uint16_t>(number)};
      services.push_back({name_of(entry, vip, protocol, port), protocol, vip, port, &entry, 0});
    }
  }
}

bool serves(const ServiceEntry& entry, const Host& host) {
  const auto is_host = [&](const ServerEntry& server) {
    return server.host == host.name || (server.address && host.owns(*server.address));
  };
  return std::any_of(entry.servers.begin(), entry.servers.end(), is_host) ||
         (entry.sorry_server && is_host(*entry.sorry_server));
}

/// The address in whose network `vip` lies, on one NIC; null when there is none.
const Prefix* holder_of(const Nic& nic, const IpAddr& vip) {
  const auto found = std::find_if(nic.addresses.begin(), nic.addresses.end(),
                                  [&](const Prefix& own) { return own.contains(vip); });
  return found == nic.addresses.end() ? nullptr : &*found;
}

bool is_all_here(const Host& host, const std::vector<IpAddr>& own_addresses) {
  std::size_t addresses = 0;
  for (const Nic& nic : host.nics) {
    for (const Prefix& wanted : nic.addresses) {
      ++addresses;
      if (std::find(own_addresses.begin(), own_addresses.end(), wanted.addr) == own_addresses.end())
        return false;
    }
  }
  return addresses > 0;
}

/// "rs1 (10.0.0.11, fd01::11)".
std::string name_with_addresses(const Host& host) {
  std::string addresses;
  for (const Nic& nic : host.nics) {
    for (const Prefix& own : nic.addresses)
      addresses += (addresses.empty() ? "" : ", ") + to_string(own.addr);
  }
  return host.name + " (" + addresses + ")";
}

std::string names_with_addresses(const std::vector<const Host*>& hosts) {
  std::string text;
  for (const Host* host : hosts) text += (text.empty() ? "" : ", ") + name_with_addresses(*host);
  return text;
}

}  // namespace

std::vector<Service> expand(const Profile& profile) {
  std::vector<Service> services;
  for (const ServiceEntry& entry : profile.services) {
    for (const IpAddr& vip : entry.vips) {
      for (const Protocol protocol : entry.protocols) expand_ports(entry, vip, protocol, services);
    }
  }
  return services;
}

std::vector<Service> mark_services(const Profile& profile) {
  std::vector<Service> services;
  for (const ServiceEntry& entry : profile.services) {
    if (!entry.mark) continue;
    const bool is_v4 = entry.mark_family == Family::Ipv4;
    const IpAddr none = is_v4 ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}};
    Service service{entry.name, Protocol::Tcp, entry.vips.empty() ? none : entry.vips.front(),
                    Port{},     &entry,        *entry.mark};
    if (service.name.empty())
      service.name = "mark-" + std::to_string(*entry.mark) + (is_v4 ? "" : "-ipv6");
    services.push_back(std::move(service));
  }
  return services;
}

std::vector<const MarkEntry*> marks_of(const Profile& profile, const Service& service) {
  std::vector<const MarkEntry*> marks;
  for (const MarkEntry& mark : profile.marks) {
    const bool is_of_family = (!mark.vip || mark.vip->family() == service.family()) &&
                              (!mark.source || mark.source->addr.family() == service.family());
    if (service.mark != 0 && mark.value == service.mark && is_of_family) marks.push_back(&mark);
  }
  return marks;
}

std::vector<Server> servers_of(const Profile& profile, const Service& service,
                               const Host& director) {
  assert(service.entry != nullptr);
  std::vector<Server> servers;
  for (const ServerEntry& entry : service.entry->servers) {
    const Host* host = profile.host(entry.host);
    const Method method = entry.method.value_or(service.entry->method);
    const std::optional<IpAddr> address =
        host == nullptr ? entry.address : real_address_of(*host, service.vip, method);
    if (!address) continue;
    servers.push_back({.name = host == nullptr ? to_string(*address) : host->name,
                       .address = *address,
                       .port = entry.port.value_or(service.port),
                       .weight = entry.weight,
                       .method = method,
                       .local = director.name == entry.host || director.owns(*address),
                       .upper = entry.upper,
                       .lower = entry.lower});
  }
  return servers;
}

std::optional<IpAddr> address_of(const Host& host, const IpAddr& vip) {
  std::optional<IpAddr> first;
  for (const Nic& nic : host.nics) {
    if (const Prefix* holder = holder_of(nic, vip)) return holder->addr;
    for (const Prefix& own : nic.addresses) {
      if (!first && own.addr.family() == vip.family()) first = own.addr;
    }
  }
  return first;
}

std::optional<IpAddr> real_address_of(const Host& host, const IpAddr& vip, Method method) {
  if (const auto address = address_of(host, vip); address || method != Method::Tun) return address;
  for (const Nic& nic : host.nics)
    if (!nic.addresses.empty()) return nic.addresses.front().addr;
  return std::nullopt;
}

const Nic* nic_for(const Host& host, const IpAddr& vip) {
  const auto find_nic = [&](auto&& wanted) -> const Nic* {
    const auto found = std::find_if(host.nics.begin(), host.nics.end(), wanted);
    return found == host.nics.end() ? nullptr : &*found;
  };
  const auto lists_it = [&](const Nic& nic) {
    return std::find(nic.vips.begin(), nic.vips.end(), vip) != nic.vips.end();
  };
  if (const Nic* nic = find_nic(lists_it)) return nic;
  if (const Nic* nic = find_nic([&](const Nic& n) { return holder_of(n, vip) != nullptr; }))
    return nic;
  if (const Nic* nic = find_nic([](const Nic& n) { return n.outside; })) return nic;
  return host.nics.empty() ? nullptr : &host.nics.front();
}

std::vector<IpAddr> vips_for(const Profile& profile, const Host& host) {
  const bool needs_all = !host.has(Role::RealServer) || host.has(Role::Director) ||
                         host.has(Role::Router) || host.has(Role::Client);
  std::vector<IpAddr> vips;
  for (const ServiceEntry& entry : profile.services) {
    if (needs_all || serves(entry, host))
      vips.insert(vips.end(), entry.vips.begin(), entry.vips.end());
  }
  std::sort(vips.begin(), vips.end());
  vips.erase(std::unique(vips.begin(), vips.end()), vips.end());
  return vips;
}

Result<const Host*> find_self(const Profile& profile, const std::vector<IpAddr>& own_addresses) {
  std::vector<const Host*> here;
  std::vector<const Host*> all;
  for (const Host& host : profile.hosts) {
    all.push_back(&host);
    if (is_all_here(host, own_addresses)) here.push_back(&host);
  }
  if (here.size() == 1) return here.front();
  if (here.empty())
    return fail("this machine is none of the hosts of profile " + profile.name + ": " +
                names_with_addresses(all) + "; say which one with --host NAME");
  return fail("this machine could be any of " + names_with_addresses(here) +
              "; say which one with --host NAME");
}

}  // namespace lvs::profiles
