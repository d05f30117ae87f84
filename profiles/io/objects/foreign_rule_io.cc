#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <utility>

#include "net/linux/nft_change.h"
#include "net/linux/nft_ruleset.h"
#include "profiles/io/firewall/filter_from_nft.h"
#include "profiles/io/firewall/legacy_iptables.h"
#include "profiles/io/firewall/match_expressions.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

using linux_net::NftChainInfo;
using linux_net::NftRule;
using linux_net::NftRuleset;
using linux_net::NftTableInfo;

std::uint8_t number_of(NftFamily family) { return static_cast<std::uint8_t>(family); }

bool is_ip_family(std::uint8_t family) {
  return family == NFPROTO_IPV4 || family == NFPROTO_IPV6 || family == NFPROTO_INET;
}

bool is_ours(const std::string& table) { return table.starts_with("lvskit_"); }

/// nf_tables does not say who made a table. iptables-nft's has the names, hooks and priorities of
/// x_tables; a table that a person gave the same names is one that iptables-nft would work on too.
bool is_iptables_nft(const NftRuleset& all, std::uint8_t family, const std::string& table) {
  constexpr std::array<std::string_view, 5> built_in{"INPUT", "FORWARD", "OUTPUT", "PREROUTING",
                                                     "POSTROUTING"};
  if (family == NFPROTO_INET) return false;
  if (table != "filter" && table != "mangle" && table != "raw" && table != "security" &&
      table != "nat")
    return false;
  return std::ranges::any_of(all.chains, [&](const NftChainInfo& chain) {
    return chain.family == family && chain.table == table && chain.is_base &&
           std::ranges::find(built_in, chain.name) != built_in.end();
  });
}

FirewallKind kind_of(const NftRuleset& all, std::uint8_t family, const std::string& table) {
  return is_iptables_nft(all, family, table) ? FirewallKind::IptablesNft : FirewallKind::Nft;
}

std::optional<Hook> hook_of(const NftChainInfo& chain) {
  if (chain.hook == NF_INET_LOCAL_IN) return Hook::Input;
  if (chain.hook == NF_INET_FORWARD) return Hook::Forward;
  return std::nullopt;
}

std::string link_name(std::uint32_t index) {
  std::array<char, IF_NAMESIZE> name{};
  return ::if_indextoname(index, name.data()) == nullptr ? "" : name.data();
}

NftContext context_of(std::uint8_t family, const std::string& table) {
  const auto elements =
      [=](const std::string& set) -> std::optional<std::vector<linux_net::NftElement>> {
    auto read = linux_net::read_nft_set(family, table, set);
    if (!read) return std::nullopt;  // gone meanwhile: not understood
    return *std::move(read);
  };
  return {elements, link_name};
}

/// Every chain of a table with its rules.
std::map<std::string, std::vector<FilterRule>> chains_of(const NftRuleset& all,
                                                         const NftTableInfo& table) {
  std::map<std::string, std::vector<FilterRule>> chains;
  const NftContext context = context_of(table.family, table.name);
  for (const NftChainInfo& chain : all.chains)
    if (chain.family == table.family && chain.table == table.name) chains[chain.name];
  for (const NftRule& rule : all.rules) {
    if (rule.family != table.family || rule.table != table.name) continue;
    for (FilterRule& read : filter_rules(rule, context))
      chains[rule.chain].push_back(std::move(read));
  }
  return chains;
}

void take_chains(const NftRuleset& all, const NftTableInfo& table, Snapshot& snapshot) {
  const auto chains = chains_of(all, table);
  for (const NftChainInfo& from : all.chains) {
    if (from.family != table.family || from.table != table.name || !from.is_base) continue;
    const std::optional<Hook> hook = hook_of(from);
    if (!hook) continue;
    FirewallChain chain;
    chain.kind = kind_of(all, table.family, table.name);
    chain.family = NftFamily{table.family};
    chain.table = table.name;
    chain.chain = from.name;
    chain.hook = *hook;
    chain.priority = from.priority;
    chain.drops = from.policy == NF_DROP;
    if (chain.drops) chain.why = "policy drop";
    chain.owned = table.owned;
    chain.manager = table.name == "firewalld" ? "firewalld" : manager_of_chains(chains, chain.hook);
    chain.program.rules = chains.at(from.name);
    chain.program.below = chains;
    snapshot.firewall.push_back(std::move(chain));
  }
}

ForeignRule as_foreign(const NftRuleset& all, const NftRule& rule) {
  ForeignRule found;
  found.kind = kind_of(all, rule.family, rule.table);
  found.family = NftFamily{rule.family};
  found.table = rule.table;
  found.chain = rule.chain;
  found.comment = comment_of(rule);
  found.altered = true;
  const auto filters = filter_rules(rule, context_of(rule.family, rule.table));
  if (filters.size() != 1) return found;
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const bool possible =
        rule.family == NFPROTO_INET || (rule.family == NFPROTO_IPV4) == (family == Family::Ipv4);
    const auto match = possible ? match_of(filters.front(), family) : std::nullopt;
    if (!match) continue;
    found.match = *match;
    found.altered = filters.front().verdict != FilterVerdict::Accept;
    return found;
  }
  return found;
}

bool is_marked(const NftRule& rule) {
  return is_ip_family(rule.family) && !is_ours(rule.table) && is_our_mark(comment_of(rule));
}

/// An owner's table refuses everybody else.
Result<void> explained(Result<void> done, const ForeignRule& rule) {
  if (done || done.error().sys_errno != EPERM) return done;
  Error error = std::move(done).error();
  error.what +=
      ": the table has an owner, or this process has no CAP_NET_ADMIN; nothing was "
      "changed (" +
      describe(rule) + ")";
  return tl::unexpected(std::move(error));
}

NftRule compiled(const ForeignRule& rule) {
  NftRule made;
  made.family = number_of(rule.family);
  made.table = rule.table;
  made.chain = rule.chain;
  made.comment = rule.comment;
  made.expressions = expressions_of(rule.match, rule.family, rule.kind);
  made.expressions.push_back(linux_net::count());
  made.expressions.push_back(linux_net::give_verdict(NF_ACCEPT));
  return made;
}

std::vector<NftRule> found_in(const NftRuleset& all, const ForeignRule& rule) {
  std::vector<NftRule> found;
  for (const NftRule& present : all.rules)
    if (is_marked(present) && is_as_made(as_foreign(all, present), rule)) found.push_back(present);
  return found;
}

void take_ruleset(const NftRuleset& all, Snapshot& snapshot) {
  for (const NftTableInfo& table : all.tables)
    if (is_ip_family(table.family) && !is_ours(table.name)) take_chains(all, table, snapshot);
  for (const NftRule& rule : all.rules)
    if (is_marked(rule)) snapshot.foreign_rules.push_back(as_foreign(all, rule));
}

}  // namespace

Result<void> add_object(RouteSocket& /*route*/, const ForeignRule& rule) {
  if (rule.kind == FirewallKind::IptablesLegacy) return add_legacy_rule(rule);
  LVS_TRY(const NftRuleset all, linux_net::read_nft_ruleset());
  if (!found_in(all, rule).empty()) return fail("add " + describe(rule) + ": it is there", EEXIST);
  linux_net::NftChange change;
  change.insert_at_head(compiled(rule));
  return explained(change.commit(), rule);
}

Result<void> remove_object(RouteSocket& /*route*/, const ForeignRule& rule) {
  if (rule.kind == FirewallKind::IptablesLegacy) return remove_legacy_rule(rule);
  LVS_TRY(const NftRuleset all, linux_net::read_nft_ruleset());
  const std::vector<NftRule> found = found_in(all, rule);
  if (found.empty()) return fail("remove " + describe(rule) + ": it is not there", ENOENT);
  linux_net::NftChange change;
  change.delete_rule(found.front());
  return explained(change.commit(), rule);
}

Result<void> read_firewall(Snapshot& snapshot) {
  auto all = linux_net::read_nft_ruleset();
  if (all)
    take_ruleset(*all, snapshot);
  else if (!linux_net::nft_cannot_be_seen(all.error()))
    return tl::unexpected(std::move(all).error());
  return read_legacy_iptables(snapshot);
}

}  // namespace lvs::profiles
