#pragma once

#include <cstdint>
#include <string>

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
  bool drops = false;   ///< its policy, or a rule in it or in a chain below it, drops or rejects
  std::string why;      ///< "policy drop", "a rule of chain ufw-user-input drops"
  bool owned = false;   ///< the table has an owner: nobody else may write to it (EPERM)
  std::string manager;  ///< who rebuilds it: "ufw", "firewalld", "docker"; empty: nobody known
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
  std::string comment;  ///< "lvskit:NAME:accept-…": identifies the rule within its chain
  friend bool operator==(const ForeignRule&, const ForeignRule&) = default;
};

std::string to_string(FirewallKind kind);  ///< "nft", "iptables-nft", "iptables-legacy"
std::string describe(const FirewallChain& chain);
std::string describe(const ForeignRule& rule);
std::string identity(const ForeignRule& rule);
bool same_place(const ForeignRule& a, const ForeignRule& b);
bool is_as_made(const ForeignRule& present, const ForeignRule& made);
bool serves(const ForeignRule& present, const ForeignRule& wanted);

}  // namespace lvs::profiles
