#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "profiles/core/objects/filter.h"
#include "profiles/core/objects/nft_table.h"
#include "profiles/core/objects/packet_match.h"

namespace lvs::profiles {

/// By which way a chain of somebody else is reached.
enum class FirewallKind : std::uint8_t {
  Nft,             ///< a native nf_tables table
  IptablesNft,     ///< a table that iptables-nft keeps in nf_tables: only what iptables can show
  IptablesLegacy,  ///< x_tables: not reachable by nfnetlink
};

/// A base chain of somebody else at a hook that our packets pass, as far as it matters: an accept
/// elsewhere does not overrule its drop.
struct FirewallChain {
  FirewallKind kind = FirewallKind::Nft;
  NftFamily family = NftFamily::Ip;  ///< legacy: Ip or Ip6
  std::string table;
  std::string chain;
  Hook hook = Hook::Input;
  std::int32_t priority = 0;
  bool drops = false;    ///< what no rule decides is dropped
  std::string why;       ///< why that is so: "policy drop"
  bool owned = false;    ///< the table has an owner: nobody else may write to it (EPERM)
  std::string manager;   ///< who rebuilds it: "ufw", "firewalld", "docker"; empty: nobody known
  bool writable = true;  ///< false: x_tables without the program that writes to it
  FilterProgram program{};
  friend bool operator==(const FirewallChain&, const FirewallChain&) = default;
};

/// The one rule of ours at the head of somebody else's chain. Found again by its comment, and
/// removed by it; nothing else in the chain is touched.
struct ForeignRule {
  FirewallKind kind = FirewallKind::Nft;
  NftFamily family = NftFamily::Ip;
  std::string table;
  std::string chain;
  PacketMatch match;
  std::string comment;   ///< "lvskit:NAME:accept-…": identifies the rule within its chain
  bool altered = false;  ///< read back with our comment, but it is not a rule as we make them
  friend bool operator==(const ForeignRule&, const ForeignRule&) = default;
};

/// Why packets of `match` could be dropped by the chain: "policy drop", "the rule handle 7 of chain
/// INPUT drops it"; empty: they are not. Rules of ours count only when `with_ours`.
std::string dropped_by(const FirewallChain& chain, const PacketMatch& match, bool with_ours);

/// Who rebuilds a table that has these chains, as far as it is known.
std::string manager_of_chains(const std::map<std::string, std::vector<FilterRule>>& chains,
                              Hook hook);

std::string to_string(FirewallKind kind);  ///< "nft", "iptables-nft", "iptables-legacy"
std::string describe(const FirewallChain& chain);
std::string describe(const ForeignRule& rule);
std::string identity(const ForeignRule& rule);
bool same_place(const ForeignRule& a, const ForeignRule& b);
bool is_as_made(const ForeignRule& present, const ForeignRule& made);
bool serves(const ForeignRule& present, const ForeignRule& wanted);

}  // namespace lvs::profiles
