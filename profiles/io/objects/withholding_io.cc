#include <algorithm>
#include <array>
#include <cerrno>

#include "net/linux/nftables.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

constexpr std::uint8_t kNetdevFamily = 5;  // NFPROTO_NETDEV
/// Before the usual filter priority, so that other people's ingress rules do not count our packets.
constexpr std::int32_t kPriority = -300;

std::string chain_of(const std::string& link) { return "ingress_" + link; }

/// The sets and rules for one family. The names of the IPv4 sets are those of version 0.1.
struct FamilySets {
  Family family = Family::Ipv4;
  const char* services = "";
  const char* fragments = "";
  const char* replies = "";
  const char* servers = "";
  const char* own = "";
};
constexpr std::array kFamilies{
    FamilySets{Family::Ipv4, "services", "fragments", "replies", "servers", "own"},
    FamilySets{Family::Ipv6, "services6", "fragments6", "replies6", "servers6", "own6"},
};

std::vector<linux_net::ServiceTuple> of_family(const std::vector<WithheldService>& all,
                                               Family family) {
  std::vector<linux_net::ServiceTuple> some;
  for (const WithheldService& each : all)
    if (each.addr.family() == family) some.push_back({each.protocol, each.addr, each.port});
  return some;
}

std::vector<IpAddr> of_family(const std::vector<IpAddr>& all, Family family) {
  std::vector<IpAddr> some;
  for (const IpAddr& each : all)
    if (each.family() == family) some.push_back(each);
  return some;
}

/// Makes the sets of one family and adds its rules to the chain of each link.
void put_family(linux_net::NftBatch& batch, const Withholding& table, const FamilySets& sets) {
  const auto services = of_family(table.services, sets.family);
  const auto replies = of_family(table.replies, sets.family);
  if (!services.empty()) {
    batch.add_service_set(kNetdevFamily, table.table, sets.services, sets.family);
    batch.add_address_set(kNetdevFamily, table.table, sets.fragments, sets.family);
    batch.add_services(kNetdevFamily, table.table, sets.services, services);
    batch.add_addresses(kNetdevFamily, table.table, sets.fragments,
                        of_family(table.fragments_to, sets.family));
  }
  if (!replies.empty()) {
    batch.add_service_set(kNetdevFamily, table.table, sets.replies, sets.family);
    batch.add_address_set(kNetdevFamily, table.table, sets.own, sets.family);
    batch.add_address_set(kNetdevFamily, table.table, sets.servers, sets.family);
    batch.add_services(kNetdevFamily, table.table, sets.replies, replies);
    batch.add_addresses(kNetdevFamily, table.table, sets.servers,
                        of_family(servers_of(table), sets.family));
    batch.add_addresses(kNetdevFamily, table.table, sets.own, of_family(table.own, sets.family));
  }
  for (const std::string& link : table.links) {
    const linux_net::RulePlace place{kNetdevFamily, table.table, chain_of(link), table.comment};
    if (!services.empty()) {
      batch.drop_fragments_to(place, sets.family, sets.fragments);
      batch.drop_services(place, sets.family, sets.services);
    }
    if (replies.empty()) continue;
    batch.drop_replies(place, sets.family, {sets.replies, sets.servers, sets.own});
    for (const IpAddr& server : of_family(servers_of(table), sets.family))
      batch.drop_errors_about(place, server, sets.own);
  }
}

void put(linux_net::NftBatch& batch, const Withholding& table) {
  batch.add_table(kNetdevFamily, table.table, table.comment);
  for (const std::string& link : table.links)
    batch.add_ingress_chain(table.table, chain_of(link), link, kPriority);
  for (const FamilySets& sets : kFamilies) put_family(batch, table, sets);
}

void take(const linux_net::NftSet& set, Withholding& fact) {
  const auto is_one_of = [&](const char* FamilySets::*name) {
    return std::any_of(kFamilies.begin(), kFamilies.end(),
                       [&](const FamilySets& sets) { return set.name == sets.*name; });
  };
  for (const linux_net::ServiceTuple& service : set.services) {
    const WithheldService each{service.protocol, service.addr, service.port};
    if (is_one_of(&FamilySets::services)) fact.services.push_back(each);
    if (is_one_of(&FamilySets::replies)) fact.replies.push_back(each);
  }
  for (const IpAddr& address : set.addresses) {
    if (is_one_of(&FamilySets::fragments)) fact.fragments_to.push_back(address);
    if (is_one_of(&FamilySets::own)) fact.own.push_back(address);
  }
}

Withholding fact_of(const linux_net::NftTable& table) {
  Withholding fact;
  fact.table = table.name;
  fact.comment = table.comment;
  for (const linux_net::NftSet& set : table.sets) take(set, fact);
  fact.links = table.links;
  fact.rules = table.rules;
  std::sort(fact.services.begin(), fact.services.end());
  std::sort(fact.fragments_to.begin(), fact.fragments_to.end());
  std::sort(fact.replies.begin(), fact.replies.end());
  std::sort(fact.own.begin(), fact.own.end());
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
