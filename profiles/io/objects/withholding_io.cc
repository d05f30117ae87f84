#include <algorithm>
#include <cerrno>

#include "net/linux/nftables.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

constexpr std::uint8_t kNetdevFamily = 5;  // NFPROTO_NETDEV
/// Before the usual filter priority, so that other people's ingress rules do not count our packets.
constexpr std::int32_t kPriority = -300;
constexpr const char* kServices = "services";
constexpr const char* kFragments = "fragments";

void put(linux_net::NftBatch& batch, const Withholding& table) {
  batch.add_table(kNetdevFamily, table.table, table.comment);
  batch.add_service_set(kNetdevFamily, table.table, kServices);
  batch.add_address_set(kNetdevFamily, table.table, kFragments);
  std::vector<linux_net::ServiceTuple> services;
  for (const WithheldService& service : table.services)
    services.push_back({service.protocol, service.addr.v4(), service.port});
  batch.add_services(kNetdevFamily, table.table, kServices, services);
  std::vector<Ipv4Addr> fragments;
  for (const IpAddr& address : table.fragments_to) fragments.push_back(address.v4());
  batch.add_addresses(kNetdevFamily, table.table, kFragments, fragments);
  for (const std::string& link : table.links) {
    const std::string chain = "ingress_" + link;
    batch.add_ingress_chain(table.table, chain, link, kPriority);
    batch.drop_fragments_to(kNetdevFamily, table.table, chain, kFragments, table.comment);
    batch.drop_services(kNetdevFamily, table.table, chain, kServices, table.comment);
  }
}

Withholding fact_of(const linux_net::NftTable& table) {
  Withholding fact;
  fact.table = table.name;
  fact.comment = table.comment;
  for (const linux_net::ServiceTuple& service : table.services)
    fact.services.push_back({service.protocol, service.addr, service.port});
  fact.fragments_to = {table.addresses.begin(), table.addresses.end()};
  fact.links = table.links;
  fact.rules = table.rules;
  std::sort(fact.services.begin(), fact.services.end());
  return fact;
}

}  // namespace

Result<void> add_object(RouteSocket& /*route*/, const Withholding& table) {
  linux_net::NftBatch batch;
  put(batch, table);
  return batch.commit();
}

Result<void> remove_object(RouteSocket& /*route*/, const Withholding& table) {
  linux_net::NftBatch batch;
  batch.delete_table(kNetdevFamily, table.table);
  return batch.commit();
}

Result<void> replace_object(RouteSocket& /*route*/, const Withholding& before,
                            const Withholding& after) {
  linux_net::NftBatch batch;
  batch.delete_table(kNetdevFamily, before.table);
  put(batch, after);
  return batch.commit();
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

}  // namespace lvs::profiles
