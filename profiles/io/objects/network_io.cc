#include <map>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

constexpr std::uint32_t kNoDad = 0x02;  // IFA_F_NODAD
constexpr std::uint32_t kUp = 0x01;     // IFF_UP

using LinkNames = std::map<LinkIndex, std::string>;

std::string name_of(const LinkNames& names, LinkIndex index) {
  const auto found = names.find(index);
  return found == names.end() ? "" : found->second;
}

Result<linux_net::Address> address_of(RouteSocket& route, const AddressFact& fact) {
  LVS_TRY(const linux_net::Link link, route.link_named(fact.link));
  linux_net::Address address;
  address.link = link.index;
  address.addr = fact.addr;
  address.prefix_len = fact.prefix_len;
  address.scope = fact.scope;
  address.label = fact.label;
  address.protocol = fact.protocol;
  address.flags = fact.no_dad ? kNoDad : 0;
  return address;
}

Result<linux_net::Route> route_of(RouteSocket& socket, const RouteFact& fact) {
  LVS_TRY(const linux_net::Link link, socket.link_named(fact.link));
  linux_net::Route route;
  route.destination = fact.destination;
  route.gateway = fact.gateway;
  route.out = link.index;
  route.table = fact.table;
  route.protocol = fact.protocol;
  route.scope = fact.scope;
  route.type = fact.type;
  route.metric = fact.metric;
  route.tos = fact.tos;
  return route;
}

AddressFact fact_of(const linux_net::Address& address, const LinkNames& names) {
  return {name_of(names, address.link),
          address.addr,
          address.prefix_len,
          address.scope,
          address.label,
          address.protocol,
          (address.flags & kNoDad) != 0};
}

RouteFact fact_of(const linux_net::Route& route, const LinkNames& names) {
  RouteFact fact;
  fact.destination = route.destination;
  fact.link = name_of(names, route.out);
  fact.gateway = route.gateway;
  fact.table = route.table;
  fact.protocol = route.protocol;
  fact.scope = route.scope;
  fact.type = route.type;
  fact.metric = route.metric;
  fact.tos = route.tos;
  return fact;
}

}  // namespace

Result<void> add_object(RouteSocket& route, const AddressFact& fact) {
  LVS_TRY(const linux_net::Address address, address_of(route, fact));
  return route.add_address(address);
}

Result<void> remove_object(RouteSocket& route, const AddressFact& fact) {
  LVS_TRY(const linux_net::Address address, address_of(route, fact));
  return route.remove_address(address);
}

Result<void> add_object(RouteSocket& route, const RouteFact& fact) {
  LVS_TRY(const linux_net::Route wanted, route_of(route, fact));
  return route.add_route(wanted);
}

Result<void> remove_object(RouteSocket& route, const RouteFact& fact) {
  LVS_TRY(const linux_net::Route gone, route_of(route, fact));
  return route.remove_route(gone);
}

Result<void> read_network(RouteSocket& route, Snapshot& snapshot) {
  LinkNames names;
  LVS_TRY(const std::vector<linux_net::Link> links, route.links());
  for (const linux_net::Link& link : links) {
    names[link.index] = link.name;
    snapshot.links.push_back(link.name);
    if ((link.flags & kUp) != 0) snapshot.links_up.push_back({link.name});
  }
  LVS_TRY(const std::vector<linux_net::Address> addresses, route.addresses());
  for (const linux_net::Address& address : addresses)
    snapshot.addresses.push_back(fact_of(address, names));
  LVS_TRY(const std::vector<linux_net::Route> routes, route.routes());
  for (const linux_net::Route& found : routes) snapshot.routes.push_back(fact_of(found, names));
  return {};
}

}  // namespace lvs::profiles
