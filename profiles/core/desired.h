#pragma once

#include <string>
#include <variant>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/effective.h"
#include "profiles/core/profile.h"
#include "profiles/core/snapshot.h"
#include "profiles/core/step.h"

// What a host should be: the table "role and method derive settings" as data. Nothing here has seen
// the host; the planner compares it with a snapshot. The order of the wishes is the order of the
// steps and part of the contract: the safe state is made first and left last.

namespace lvs::profiles {

/// A sysctl that must have one of the accepted values; `value` is written when it has another.
struct SysctlWish {
  std::string key;
  std::string value;
  std::vector<std::string> accepted;
  std::string why;
};

/// A combined value. When it is not accepted, the first of `repairs` that makes it so is written to
/// the link's own key; with none the host is in conflict, because `all` or a foreign value rules.
struct EffectiveWish {
  EffectiveRule rule;
  std::vector<std::string> repairs;
};

/// The VIP alone (/32 or /128) on a link; the label is LINK:N with the lowest free N.
struct AddressWish {
  std::string link;
  IpAddr addr{};
  std::uint8_t scope = kScopeGlobal;
  std::string why;
};

struct RouteWish {
  RouteFact route;
  std::string why;
};

struct WithholdingWish {
  Withholding table;
  std::string why;
};

/// A step that is done after the changes, when there were any.
struct ProofWish {
  Step step;
  std::string why;
};

using Wish =
    std::variant<SysctlWish, EffectiveWish, AddressWish, RouteWish, WithholdingWish, ProofWish>;

struct NeededAddress {
  std::string link;
  Prefix address{};
};

struct Desired {
  std::string profile;
  std::string host;
  std::vector<Wish> wishes;
  std::vector<std::string> links;        ///< that must exist
  std::vector<NeededAddress> addresses;  ///< facts that must hold already: we never assign them
  std::vector<std::string> notes;        ///< overrides, things left out and why
  std::vector<std::string> refusals;  ///< what this version cannot set up: then it sets up nothing
};

/// What the part `role` (RealServer or Director) of `host` should be.
Desired desire(const Profile& profile, const Host& host, Role role);

/// The links at whose ingress the director withholds: those with VIPs and those that [engine] nics
/// names. Sorted, once. The director must receive on exactly these.
std::vector<std::string> withheld_links(const Profile& profile, const Host& host);

/// Every sysctl that judging `desired` needs to see.
std::vector<std::string> sysctl_keys(const Desired& desired);

}  // namespace lvs::profiles
