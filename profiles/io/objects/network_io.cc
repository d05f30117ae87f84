#include <array>
#include <map>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

constexpr std::uint32_t kUp = 0x01;  // IFF_UP

using LinkNames = std::map<LinkIndex, std::string>;

std::string name_of(const LinkNames& names, LinkIndex index) {
  const auto found = names.find(index);
  return found == names.end() ? "" : found->second;
}

/// A bit of the kernel's flags that a fact tells of.
struct AddressFlag {
  bool AddressFact::*said;
  std::uint32_t bit;
};
constexpr std::array kAddressFlags{
    AddressFlag{&AddressFact::no_dad, 0x02},      // IFA_F_NODAD
    AddressFlag{&AddressFact::deprecated, 0x20},  // IFA_F_DEPRECATED
};

// Facts and the kernel's records have the same members, but for the link: copied either way.

template <typename From, typename To>
void copy_address(const From& from, To& to) {
  to.addr = from.addr;
  to.prefix_len = from.prefix_len;
  to.scope = from.scope;
  to.label = from.label;
  to.protocol = from.protocol;
}

template <typename From, typename To>
void copy_route(const From& from, To& to) {
  to.destination = from.destination;
  to.gateway = from.gateway;
  to.table = from.table;
  to.protocol = from.protocol;
  to.scope = from.scope;
  to.type = from.type;
  to.metric = from.metric;
  to.tos = from.tos;
}

Result<linux_net::Address> address_of(RouteSocket& route, const AddressFact& fact) {
  LVS_TRY(const linux_net::Link link, route.link_named(fact.link));
  linux_net::Address address;
  copy_address(fact, address);
  address.link = link.index;
  for (const AddressFlag& flag : kAddressFlags)
    if (fact.*flag.said) address.flags |= flag.bit;
  return address;
}

AddressFact fact_of(const linux_net::Address& address, const LinkNames& names) {
  AddressFact fact;
  copy_address(address, fact);
  fact.link = name_of(names, address.link);
  for (const AddressFlag& flag : kAddressFlags) fact.*flag.said = (address.flags & flag.bit) != 0;
  return fact;
}

Result<linux_net::Route> route_of(RouteSocket& socket, const RouteFact& fact) {
  LVS_TRY(const linux_net::Link link, socket.link_named(fact.link));
  linux_net::Route route;
  copy_route(fact, route);
  route.out = link.index;
  return route;
}

RouteFact fact_of(const linux_net::Route& route, const LinkNames& names) {
  RouteFact fact;
  copy_route(route, fact);
  fact.link = name_of(names, route.out);
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
