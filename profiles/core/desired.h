#pragma once

#include <string>
#include <variant>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/abilities.h"
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

/// A setting that the kernel combines by maximum and that must be 0 on one link (rp_filter on a
/// tunnel device): the link's own value and `all` become 0, and what every other link owed to `all`
/// is written to its own key first, so that nothing else changes.
struct LowerWish {
  std::string link;
  std::string setting;
  std::string why;
};

/// The VIP alone (/32 or /128) on a link; the label is LINK:N with the lowest free N.
struct AddressWish {
  std::string link;
  IpAddr addr{};
  std::uint8_t scope = kScopeGlobal;
  std::string why;
  bool no_dad = false;
};

/// An object that must be there, just so. Who made it does not matter; another one in its place
/// is a conflict, unless it is ours.
template <typename T>
struct ObjectWish {
  T object;
  std::string why;
};
using RouteWish = ObjectWish<RouteFact>;
using WithholdingWish = ObjectWish<Withholding>;

/// What leaves for anywhere must leave by this gateway (nat servers). A default route by it that is
/// there is adopted; another one is left alone, and ours is preferred to it: by a lower metric, or,
/// where its metric is 0 already, by two routes that are more specific.
struct DefaultRouteWish {
  IpAddr gateway{};
  std::string link;
  std::string why;
};

/// These packets must pass the chains of others at the hook. For each chain that drops and that we
/// may write to, one rule at its head; for one that we may not, a conflict that says what to run.
struct AcceptWish {
  Hook hook = Hook::Input;
  PacketMatch match;
  std::string comment;
  std::string why;
};

/// A permanent neighbour entry for `addr` with the MAC that `owner`, which is on the same LAN, has.
struct StaticNeighbourWish {
  std::string link;
  IpAddr addr{};
  IpAddr owner{};
  std::string why;
};

/// IPv6 forwarding for the whole namespace (Forward6Fact).
struct Forward6Wish {
  std::string why;
};

/// A step that is done after the changes, when there were any.
struct ProofWish {
  Step step;
  std::string why;
};

using Wish =
    std::variant<SysctlWish, EffectiveWish, LowerWish, AddressWish, ObjectWish<RouteFact>,
                 ObjectWish<Withholding>, ObjectWish<NeighbourFact>, ObjectWish<TunnelFact>,
                 ObjectWish<UpFact>, ObjectWish<OwnTable>, ObjectWish<ClsactFact>,
                 ObjectWish<DecapFilter>, ObjectWish<DecapProcess>, ObjectWish<FileFact>,
                 DefaultRouteWish, AcceptWish, StaticNeighbourWish, Forward6Wish, ProofWish>;

struct NeededAddress {
  std::string link;
  Prefix address{};
};

/// A link that the kernel itself brings, and how to have it where it is missing.
struct NeededDevice {
  std::string link;
  std::string hint;
};

struct Desired {
  std::string profile;
  std::string host;
  std::vector<Wish> wishes;
  std::vector<std::string> links;        ///< that must exist
  std::vector<NeededDevice> devices;     ///< that must exist too: one that does not is lacking
  std::vector<NeededAddress> addresses;  ///< facts that must hold already: we never assign them
  std::vector<std::string> notes;        ///< choices and why, overrides, things left out
  std::vector<std::string> refusals;     ///< what cannot be set up: then nothing is (1)
  std::vector<std::string> lacking;      ///< what the kernel or our rights lack for it (69)
};

/// What the part of `host` that one program sets up should be: Role::Director for lvs-director
/// (which does all of a director's host, whatever else it is), Role::RealServer for lvs-realserver
/// (real servers, routers, clients). `can` is what the host's kernel can do.
Desired desire(const Profile& profile, const Host& host, Role role, const Abilities& can);

/// The links at whose ingress the director withholds: those with VIPs, those toward nat servers and
/// those that [engine] nics names. Sorted, once. The director must receive on exactly these.
std::vector<std::string> withheld_links(const Profile& profile, const Host& host);

/// What the director keeps from its kernel at those links. Its carrier must take exactly that, and
/// gives back what is not the engine's after all.
Withholding withholding_of(const Profile& profile, const Host& host);
/// The host's addresses in the profile and all VIPs, sorted, once.
std::vector<IpAddr> own_addresses(const Profile& profile, const Host& host);

/// What judging `desired` needs to see. A sysctl key may have `*` for the interface: every link of
/// the host, `all` and `default`.
Look look_for(const Desired& desired);

}  // namespace lvs::profiles
