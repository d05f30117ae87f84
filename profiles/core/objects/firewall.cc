#include "profiles/core/objects/firewall.h"

namespace lvs::profiles {

std::string dropped_by(const FirewallChain& chain, const PacketMatch& match, bool with_ours) {
  const FilterFate fate = judge(chain.program, chain.chain, match, with_ours);
  if (!fate.dropped.empty()) return fate.dropped;
  if (fate.accepted || !chain.drops) return "";
  return chain.why.empty() ? "what no rule accepts is dropped" : chain.why;
}

std::string manager_of_chains(const std::map<std::string, std::vector<FilterRule>>& chains,
                              Hook hook) {
  const auto has = [&](const char* name) { return chains.contains(name); };
  if (has("INPUT_direct") || has("FORWARD_direct")) return "firewalld";  // its iptables backend
  if (has("ufw-before-input") || has("ufw6-before-input")) return "ufw";
  if (hook == Hook::Forward && (has("DOCKER-USER") || has("DOCKER"))) return "docker";
  return "";
}

std::string to_string(FirewallKind kind) {
  if (kind == FirewallKind::IptablesLegacy) return "iptables-legacy";
  return kind == FirewallKind::IptablesNft ? "iptables-nft" : "nft";
}

std::string describe(const FirewallChain& chain) {
  std::string text = to_string(chain.kind) + " chain " + to_string(chain.family) + " " +
                     chain.table + " " + chain.chain;
  if (!chain.manager.empty()) text += " (of " + chain.manager + ")";
  return chain.why.empty() ? text : text + ": " + chain.why;
}

std::string describe(const ForeignRule& rule) {
  return "rule at the head of " + to_string(rule.kind) + " chain " + to_string(rule.family) + " " +
         rule.table + " " + rule.chain +
         (rule.altered ? ": altered by somebody (" + rule.comment + ")"
                       : ": accept " + describe(rule.match));
}

std::string identity(const ForeignRule& rule) {
  return to_string(rule.kind) + " " + to_string(rule.family) + " " + rule.table + " " + rule.chain +
         " " + rule.comment;
}

bool same_place(const ForeignRule& a, const ForeignRule& b) { return identity(a) == identity(b); }

bool is_as_made(const ForeignRule& present, const ForeignRule& made) {
  return same_place(present, made) && present.altered == made.altered &&
         canonical(present.match) == canonical(made.match);
}

bool serves(const ForeignRule& present, const ForeignRule& wanted) {
  return is_as_made(present, wanted);
}

}  // namespace lvs::profiles
