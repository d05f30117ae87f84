#include "profiles/io/read_snapshot.h"

#include <algorithm>
#include <cerrno>
#include <map>

#include "net/linux/nftables.h"
#include "net/linux/sysctl.h"

namespace lvs::profiles {
namespace {

constexpr std::uint8_t kNetdevFamily = 5;  // NFPROTO_NETDEV

using LinkNames = std::map<LinkIndex, std::string>;

std::string name_of(const LinkNames& names, LinkIndex index) {
  const auto found = names.find(index);
  return found == names.end() ? "" : found->second;
}

AddressFact fact_of(const linux_net::Address& address, const LinkNames& names) {
  return {name_of(names, address.link),
          address.addr,
          address.prefix_len,
          address.scope,
          address.label,
          address.protocol};
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

Withholding fact_of(const linux_net::NftTable& table) {
  Withholding fact;
  fact.table = table.name;
  fact.comment = table.comment;
  for (const linux_net::ServiceTuple& service : table.services)
    fact.services.push_back({service.protocol, service.addr, service.port});
  fact.fragments_to = table.addresses;
  fact.links = table.links;
  fact.rules = table.rules;
  std::sort(fact.services.begin(), fact.services.end());
  return fact;
}

Result<void> read_withholdings(Snapshot& snapshot) {
  auto tables = linux_net::find_tables("lvskit_");
  if (!tables) {
    const int number = tables.error().sys_errno;
    const bool none = number == EOPNOTSUPP || number == EPROTONOSUPPORT || number == EPERM;
    if (none) return {};
    return tl::unexpected(std::move(tables).error());
  }
  for (const linux_net::NftTable& table : *tables)
    if (table.family == kNetdevFamily) snapshot.withholdings.push_back(fact_of(table));
  return {};
}

Result<void> read_sysctls(Snapshot& snapshot, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    auto value = linux_net::read_sysctl(key);
    if (value) {
      snapshot.sysctls[key] = *std::move(value);
    } else if (value.error().sys_errno != ENOENT) {
      return tl::unexpected(std::move(value).error());
    }
  }
  return {};
}

}  // namespace

Result<Snapshot> read_snapshot(linux_net::RouteSocket& route,
                               const std::vector<std::string>& sysctl_keys) {
  Snapshot snapshot;
  LinkNames names;
  LVS_TRY(const std::vector<linux_net::Link> links, route.links());
  for (const linux_net::Link& link : links) {
    names[link.index] = link.name;
    snapshot.links.push_back(link.name);
  }
  LVS_TRY(const std::vector<linux_net::Address> addresses, route.addresses());
  for (const linux_net::Address& address : addresses)
    snapshot.addresses.push_back(fact_of(address, names));
  LVS_TRY(const std::vector<linux_net::Route> routes, route.routes());
  for (const linux_net::Route& found : routes) snapshot.routes.push_back(fact_of(found, names));
  LVS_CHECK(read_withholdings(snapshot));
  LVS_CHECK(read_sysctls(snapshot, sysctl_keys));
  return snapshot;
}

}  // namespace lvs::profiles
