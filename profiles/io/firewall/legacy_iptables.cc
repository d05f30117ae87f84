#include "profiles/io/firewall/legacy_iptables.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "net/linux/file.h"
#include "net/linux/process.h"
#include "profiles/core/iptables_text.h"
#include "profiles/core/remedy.h"

namespace lvs::profiles {
namespace {

constexpr std::chrono::seconds kDeadline{30};

/// The program of one family, and where the kernel says which tables are there.
struct Legacy {
  NftFamily family;
  Family addresses;
  const char* program;
  const char* names;  ///< of the calling thread's namespace
};
constexpr std::array kBoth{
    Legacy{NftFamily::Ip, Family::Ipv4, "iptables-legacy", "/proc/thread-self/net/ip_tables_names"},
    Legacy{NftFamily::Ip6, Family::Ipv6, "ip6tables-legacy",
           "/proc/thread-self/net/ip6_tables_names"}};

const Legacy& legacy_of(NftFamily family) { return family == NftFamily::Ip6 ? kBoth[1] : kBoth[0]; }

bool has_filter_table(const Legacy& legacy) {
  const auto names = linux_net::read_small_file(legacy.names);
  if (!names) return false;
  return ("\n" + *names).find("\nfilter\n") != std::string::npos;
}

/// -w: waits for others that write to the tables.
Result<std::string> run(const Legacy& legacy, std::vector<std::string> args) {
  args.insert(args.begin(), "-w");
  std::string line = legacy.program;
  for (const std::string& arg : args) line += " " + arg;
  LVS_TRY(const linux_net::Finished done,
          linux_net::run_program({.path = legacy.program, .args = std::move(args)}, kDeadline));
  if (done.exit_code != 0) return fail("`" + line + "`: " + done.err, EINVAL);
  return done.out;
}

FirewallChain chain_of(const Legacy& legacy, Hook hook) {
  FirewallChain chain;
  chain.kind = FirewallKind::IptablesLegacy;
  chain.family = legacy.family;
  chain.table = "filter";
  chain.chain = hook == Hook::Input ? "INPUT" : "FORWARD";
  chain.hook = hook;
  return chain;
}

void take_chain(const Legacy& legacy, const IptablesTable& table, Hook hook, Snapshot& snapshot) {
  FirewallChain chain = chain_of(legacy, hook);
  chain.program.below = table.chains;
  if (const auto own = table.chains.find(chain.chain); own != table.chains.end())
    chain.program.rules = own->second;
  if (const auto policy = table.policies.find(chain.chain); policy != table.policies.end())
    chain.drops = policy->second == "DROP";
  if (chain.drops) chain.why = "policy drop";
  chain.manager = manager_of_chains(table.chains, hook);
  snapshot.firewall.push_back(std::move(chain));
}

void take_our_rules(const Legacy& legacy, const IptablesTable& table, Snapshot& snapshot) {
  for (const auto& [name, rules] : table.chains) {
    for (const FilterRule& rule : rules) {
      if (!is_our_mark(rule.comment)) continue;
      ForeignRule found{
          FirewallKind::IptablesLegacy, legacy.family, "filter", name, {}, rule.comment};
      const auto match = match_of(rule, legacy.addresses);
      found.altered = !match || rule.verdict != FilterVerdict::Accept;
      if (match) found.match = *match;
      snapshot.foreign_rules.push_back(std::move(found));
    }
  }
}

Result<void> read_family(const Legacy& legacy, Snapshot& snapshot) {
  if (!has_filter_table(legacy)) return {};
  const auto text = run(legacy, {"-t", "filter", "-S"});
  if (text) {
    const IptablesTable table = parse_iptables(*text, legacy.addresses);
    for (const Hook hook : {Hook::Input, Hook::Forward}) take_chain(legacy, table, hook, snapshot);
    take_our_rules(legacy, table, snapshot);
    return {};
  }
  if (text.error().sys_errno != ENOENT) return tl::unexpected(text.error());
  for (const Hook hook : {Hook::Input, Hook::Forward}) {
    FirewallChain chain = chain_of(legacy, hook);
    chain.drops = true;
    chain.writable = false;
    chain.why = "its rules cannot be read: there is no program " + std::string(legacy.program);
    snapshot.firewall.push_back(std::move(chain));
  }
  return {};
}

std::vector<std::string> words_for(const ForeignRule& rule, const char* verb) {
  std::vector<std::string> words{"-t", "filter", verb, rule.chain};
  const std::vector<std::string> match = iptables_words(rule.match);
  words.insert(words.end(), match.begin(), match.end());
  words.insert(words.end(), {"-m", "comment", "--comment", rule.comment, "-j", "ACCEPT"});
  return words;
}

}  // namespace

Result<void> read_legacy_iptables(Snapshot& snapshot) {
  for (const Legacy& legacy : kBoth) LVS_CHECK(read_family(legacy, snapshot));
  return {};
}

Result<void> add_legacy_rule(const ForeignRule& rule) {
  LVS_TRY(const std::string out, run(legacy_of(rule.family), words_for(rule, "-I")));
  return {};
}

Result<void> remove_legacy_rule(const ForeignRule& rule) {
  LVS_TRY(const std::string out, run(legacy_of(rule.family), words_for(rule, "-D")));
  return {};
}

}  // namespace lvs::profiles
