#include <algorithm>
#include <cerrno>
#include <set>

#include "net/linux/nft_change.h"
#include "net/linux/nft_ruleset.h"
#include "profiles/io/firewall/own_rules.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

constexpr std::string_view kPrefix = "lvskit_";

std::uint8_t number_of(NftFamily family) { return static_cast<std::uint8_t>(family); }

Result<void> put(linux_net::NftChange& change, const OwnTable& table) {
  change.add_table(number_of(table.family), table.name, table.comment);
  std::set<std::string> chains;
  for (const OwnRule& rule : table.rules) {
    const auto chain = base_chain_for(rule);
    if (!chain) return fail(describe(table) + ": an unknown rule cannot be made", EINVAL);
    if (chains.insert(chain->name).second)
      change.add_base_chain(number_of(table.family), table.name, *chain);
    change.append_rule(compiled(table, rule));
  }
  return {};
}

/// True when a chain of one of our tables is as rules of `table` need it.
bool is_as_needed(const linux_net::NftChainInfo& chain, const OwnTable& table) {
  return std::ranges::any_of(table.rules, [&](const OwnRule& rule) {
    const auto needed = base_chain_for(rule);
    constexpr std::uint32_t accept = 1;  // NF_ACCEPT
    return needed && chain.is_base && chain.name == needed->name && chain.type == needed->type &&
           chain.hook == needed->hook && chain.priority == needed->priority &&
           chain.policy == accept;
  });
}

OwnTable read_table(const linux_net::NftTableInfo& info, const linux_net::NftRuleset& all) {
  OwnTable table{NftFamily{info.family}, info.name, info.comment, {}};
  for (const linux_net::NftRule& rule : all.rules)
    if (rule.family == info.family && rule.table == info.name)
      table.rules.push_back(read_back(table, rule));
  // A chain that somebody changed or added makes the table another one.
  std::vector<OwnRule> strange;
  for (const linux_net::NftChainInfo& chain : all.chains)
    if (chain.family == info.family && chain.table == info.name && !is_as_needed(chain, table))
      strange.emplace_back(UnknownRule{"chain " + chain.name});
  table.rules.insert(table.rules.end(), strange.begin(), strange.end());
  return table;
}

bool is_one_of_ours(const linux_net::NftTableInfo& info) {
  return info.name.starts_with(kPrefix) && info.family != number_of(NftFamily::Netdev) &&
         !info.owned;
}

}  // namespace

Result<void> add_object(RouteSocket& /*route*/, const OwnTable& table) {
  linux_net::NftChange change;
  LVS_CHECK(put(change, table));
  return change.commit();
}

Result<void> remove_object(RouteSocket& /*route*/, const OwnTable& table) {
  linux_net::NftChange change;
  change.delete_table(number_of(table.family), table.name);
  return change.commit();
}

Result<void> replace_object(RouteSocket& /*route*/, const OwnTable& before, const OwnTable& after) {
  linux_net::NftChange change;
  change.delete_table(number_of(before.family), before.name);
  LVS_CHECK(put(change, after));
  return change.commit();
}

Result<void> read_tables(Snapshot& snapshot) {
  auto all = linux_net::read_nft_ruleset();
  if (!all && linux_net::nft_cannot_be_seen(all.error())) return {};
  if (!all) return tl::unexpected(std::move(all).error());
  for (const linux_net::NftTableInfo& info : all->tables)
    if (is_one_of_ours(info)) snapshot.tables.push_back(read_table(info, *all));
  return {};
}

}  // namespace lvs::profiles
