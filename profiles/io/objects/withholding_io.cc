#include <algorithm>
#include <array>
#include <cerrno>

#include "net/linux/nftables.h"
#include "profiles/io/objects/objects.h"
#include "profiles/io/objects/withheld_range_io.h"

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

/// What one family has to be told of a table.
struct FamilyPart {
  explicit FamilyPart(const Withholding& table, const FamilySets& names)
      : sets(names),
        services(of_family(table.services, names.family)),
        fragments(of_family(table.fragments_to, names.family)),
        replies(of_family(table.replies, names.family)),
        servers(of_family(servers_of(table), names.family)),
        own(of_family(table.own, names.family)) {}

  const FamilySets& sets;
  std::vector<linux_net::ServiceTuple> services;
  std::vector<IpAddr> fragments;
  std::vector<linux_net::ServiceTuple> replies;
  std::vector<IpAddr> servers;
  std::vector<IpAddr> own;
};

void put_sets(linux_net::NftBatch& batch, const std::string& table, const FamilyPart& part) {
  const auto put_services = [&](const char* set, const auto& all) {
    batch.add_service_set(kNetdevFamily, table, set, part.sets.family);
    batch.add_services(kNetdevFamily, table, set, all);
  };
  const auto put_addresses = [&](const char* set, const auto& all) {
    batch.add_address_set(kNetdevFamily, table, set, part.sets.family);
    batch.add_addresses(kNetdevFamily, table, set, all);
  };
  if (!part.services.empty()) put_services(part.sets.services, part.services);
  if (!part.fragments.empty()) put_addresses(part.sets.fragments, part.fragments);
  if (!part.replies.empty()) put_services(part.sets.replies, part.replies);
  if (!part.own.empty()) put_addresses(part.sets.own, part.own);
  if (!part.servers.empty()) put_addresses(part.sets.servers, part.servers);
}

void put_rules(linux_net::NftBatch& batch, const linux_net::RulePlace& place,
               const FamilyPart& part) {
  const FamilySets& sets = part.sets;
  if (!part.fragments.empty()) batch.drop_fragments_to(place, sets.family, sets.fragments);
  if (!part.services.empty()) batch.drop_services(place, sets.family, sets.services);
  if (!part.replies.empty()) batch.drop_replies(place, sets.family, sets.replies, sets.own);
  if (!part.servers.empty()) batch.drop_fragments_from(place, sets.family, sets.servers, sets.own);
  for (const IpAddr& server : part.servers) batch.drop_errors_about(place, server, sets.own);
}

RangePlace place_of(const Withholding& table, const std::string& link, Family family) {
  const FamilySets& sets = kFamilies[family == Family::Ipv4 ? 0 : 1];
  return {table.table, chain_of(link), table.comment, sets.own};
}

void put(linux_net::NftBatch& batch, const Withholding& table) {
  batch.add_table(kNetdevFamily, table.table, table.comment);
  for (const std::string& link : table.links)
    batch.add_ingress_chain(table.table, chain_of(link), link, kPriority);
  for (const FamilySets& sets : kFamilies) {
    const FamilyPart part(table, sets);
    put_sets(batch, table.table, part);
    for (const std::string& link : table.links)
      put_rules(batch, {kNetdevFamily, table.table, chain_of(link), table.comment}, part);
  }
  for (const WithheldRange& range : table.ranges)
    batch.append_rule(compiled(range, place_of(table, range.link, range.family)));
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

void take_ranges(const std::vector<linux_net::NftRule>& rules, const std::string& link,
                 Withholding& fact) {
  for (const linux_net::NftRule& rule : rules)
    for (const Family family : {Family::Ipv4, Family::Ipv6}) {
      const auto range = range_of(rule, place_of(fact, link, family), link);
      if (range && range->family == family) fact.ranges.push_back(*range);
    }
}

Withholding fact_of(const linux_net::NftTable& table) {
  Withholding fact;
  fact.table = table.name;
  fact.comment = table.comment;
  for (const linux_net::NftSet& set : table.sets) take(set, fact);
  fact.links = table.links;
  fact.rules = table.rules.size();
  for (const std::string& link : fact.links) take_ranges(table.rules, link, fact);
  std::sort(fact.services.begin(), fact.services.end());
  std::sort(fact.fragments_to.begin(), fact.fragments_to.end());
  std::sort(fact.replies.begin(), fact.replies.end());
  std::sort(fact.ranges.begin(), fact.ranges.end());
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
