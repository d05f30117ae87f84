#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/objects/address.h"
#include "profiles/core/objects/decap.h"
#include "profiles/core/objects/file.h"
#include "profiles/core/objects/firewall.h"
#include "profiles/core/objects/forwarding.h"
#include "profiles/core/objects/link.h"
#include "profiles/core/objects/neighbour.h"
#include "profiles/core/objects/nft_table.h"
#include "profiles/core/objects/route.h"
#include "profiles/core/objects/withholding.h"

// What one host is, as plain values: what the planner compares with what the host should be. Links
// are named, not numbered, because a journal must mean the same after a link came anew.

namespace lvs::profiles {

/// What a snapshot is to hold beyond what it always holds (links, addresses, routes, neighbours,
/// tunnels, our own tables).
struct Look {
  std::vector<std::string> sysctls;  ///< keys with slashes
  std::vector<std::string> files;    ///< paths of files of ours
  std::vector<IpAddr> resolve;       ///< addresses on the LAN whose MACs are needed: asked for
  bool firewall = false;             ///< chains of others, and our rules in them
  bool decap = false;                ///< clsact, our BPF programs, our processes

  /// Adds what another look needs.
  void take(const Look& other);
};

/// The present state of one network namespace, as far as a plan may need it.
struct Snapshot {
  std::vector<std::string> links;  ///< every link's name
  std::vector<AddressFact> addresses;
  std::vector<RouteFact> routes;
  std::vector<Withholding> withholdings;       ///< netdev tables with our prefix, foreign ones too
  std::map<std::string, std::string> sysctls;  ///< the keys asked for, those that exist
  std::vector<NeighbourFact> neighbours;       ///< permanent and proxy entries, foreign ones too
  std::vector<TunnelFact> tunnels;             ///< every ipip, sit and ip6tnl device
  std::vector<UpFact> links_up;
  std::vector<OwnTable> tables;  ///< other tables with our prefix, foreign ones too
  std::vector<FirewallChain> firewall;
  std::vector<ForeignRule> foreign_rules;  ///< rules with our mark in chains of others
  std::vector<ClsactFact> clsacts;
  std::vector<DecapFilter> decap_filters;
  std::vector<DecapProcess> decap_processes;
  std::vector<FileFact> files;            ///< those asked for that exist
  std::vector<Forward6Fact> forwardings;  ///< one when net.ipv6.conf.all.forwarding is 1
  std::map<IpAddr, MacAddr> resolved;     ///< of those asked for, those that answered

  /// The value, or null when the kernel has no such key (or it was not asked for).
  const std::string* sysctl(const std::string& key) const {
    const auto found = sysctls.find(key);
    return found == sysctls.end() ? nullptr : &found->second;
  }
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

/// What the project knows of a kind of object: its word in journals, and where a snapshot keeps
/// those that are there. Beside it each kind has, in its own header:
///   describe(T)               for people
///   identity(T)               which object of the kind it is, for the journal
///   same_place(a, b)          true when the kernel would not hold both
///   is_as_made(present, made) true when `present` is exactly what we made, marks included: then
///                             it is ours to take back
///   serves(present, wanted)   true when `present` does what is wanted, whoever made it
template <typename T>
struct Kind;

template <>
struct Kind<AddressFact> {
  static constexpr const char* kName = "address";
  static constexpr auto kList = &Snapshot::addresses;
};
template <>
struct Kind<RouteFact> {
  static constexpr const char* kName = "route";
  static constexpr auto kList = &Snapshot::routes;
};
template <>
struct Kind<Withholding> {
  static constexpr const char* kName = "withholding";
  static constexpr auto kList = &Snapshot::withholdings;
};
template <>
struct Kind<NeighbourFact> {
  static constexpr const char* kName = "neighbour";
  static constexpr auto kList = &Snapshot::neighbours;
};
template <>
struct Kind<TunnelFact> {
  static constexpr const char* kName = "tunnel";
  static constexpr auto kList = &Snapshot::tunnels;
};
template <>
struct Kind<UpFact> {
  static constexpr const char* kName = "link_up";
  static constexpr auto kList = &Snapshot::links_up;
};
template <>
struct Kind<OwnTable> {
  static constexpr const char* kName = "table";
  static constexpr auto kList = &Snapshot::tables;
};
template <>
struct Kind<ForeignRule> {
  static constexpr const char* kName = "foreign_rule";
  static constexpr auto kList = &Snapshot::foreign_rules;
};
template <>
struct Kind<ClsactFact> {
  static constexpr const char* kName = "clsact";
  static constexpr auto kList = &Snapshot::clsacts;
};
template <>
struct Kind<DecapFilter> {
  static constexpr const char* kName = "decap_filter";
  static constexpr auto kList = &Snapshot::decap_filters;
};
template <>
struct Kind<DecapProcess> {
  static constexpr const char* kName = "decap_process";
  static constexpr auto kList = &Snapshot::decap_processes;
};
template <>
struct Kind<FileFact> {
  static constexpr const char* kName = "file";
  static constexpr auto kList = &Snapshot::files;
};
template <>
struct Kind<Forward6Fact> {
  static constexpr const char* kName = "forwarding6";
  static constexpr auto kList = &Snapshot::forwardings;
};

template <typename T>
const std::vector<T>& list_of_kind(const Snapshot& snapshot) {
  return snapshot.*Kind<T>::kList;
}
template <typename T>
std::vector<T>& list_of_kind(Snapshot& snapshot) {
  return snapshot.*Kind<T>::kList;
}

}  // namespace lvs::profiles
