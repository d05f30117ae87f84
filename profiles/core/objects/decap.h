#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/profile.h"

namespace lvs::profiles {

/// What is decapsulated: packets of one tunnel type to one of this host's own addresses.
struct DecapTarget {
  IpAddr outer{};  ///< the RIP
  TunnelType type = TunnelType::Ipip;
  Port port{};  ///< GUE
  friend bool operator==(const DecapTarget&, const DecapTarget&) = default;
};

/// What a decapsulator without a device takes: outer header to a target, inner destination one of
/// the VIPs. Everything else passes untouched. Lists are sorted.
struct DecapRules {
  std::vector<DecapTarget> targets;
  std::vector<IpAddr> vips;
  friend bool operator==(const DecapRules&, const DecapRules&) = default;
};

/// The queueing discipline that tc programs hang on. Shared with everybody who has programs there:
/// ours to remove only when we made it and nothing else hangs on it.
struct ClsactFact {
  std::string link;
  friend bool operator==(const ClsactFact&, const ClsactFact&) = default;
};

/// Our BPF program at the ingress of a link. It outlives the command that attached it.
struct DecapFilter {
  std::string link;
  std::string profile;  ///< whose it is; kept in the program's own map
  DecapRules rules;
  friend bool operator==(const DecapFilter&, const DecapFilter&) = default;
};

/// A process of ours that decapsulates, where no BPF program may be loaded. Found again by its
/// command line in this network namespace.
struct DecapProcess {
  std::string profile;
  DecapRules rules;
  friend bool operator==(const DecapProcess&, const DecapProcess&) = default;
};

std::string describe(const DecapRules& rules);

std::string describe(const ClsactFact& clsact);
std::string identity(const ClsactFact& clsact);
bool same_place(const ClsactFact& a, const ClsactFact& b);
bool is_as_made(const ClsactFact& present, const ClsactFact& made);
bool serves(const ClsactFact& present, const ClsactFact& wanted);

std::string describe(const DecapFilter& filter);
std::string identity(const DecapFilter& filter);
bool same_place(const DecapFilter& a, const DecapFilter& b);
bool is_as_made(const DecapFilter& present, const DecapFilter& made);
bool serves(const DecapFilter& present, const DecapFilter& wanted);

std::string describe(const DecapProcess& process);
std::string identity(const DecapProcess& process);
bool same_place(const DecapProcess& a, const DecapProcess& b);
bool is_as_made(const DecapProcess& present, const DecapProcess& made);
bool serves(const DecapProcess& present, const DecapProcess& wanted);

}  // namespace lvs::profiles
