#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/effective.h"
#include "profiles/core/snapshot.h"

// One change to a host, as a value that knows what it found before: it can be shown, carried out,
// written to a journal and turned round. Three runners take the same list: `plan` prints it,
// `apply` carries it out with a journal, tests record it.

namespace lvs::profiles {

/// Writes a sysctl. `before` is what is there now, which a roll-back restores; `original` is what
/// was there before lvskit first touched the key, which `revert` restores. They differ when the
/// value drifted, or when another profile of ours had set it first.
struct SetSysctl {
  std::string key;
  std::string value;
  std::string before;
  std::string original;
  friend bool operator==(const SetSysctl&, const SetSysctl&) = default;
};

// Objects of every kind (profiles/core/snapshot.h, Kind) come and go in the same way.

template <typename T>
struct Add {
  using Object = T;
  T object;
  friend bool operator==(const Add&, const Add&) = default;
};
template <typename T>
struct Remove {
  using Object = T;
  T object;
  friend bool operator==(const Remove&, const Remove&) = default;
};
/// Both at once: there is no moment at which neither is there.
template <typename T>
struct Replace {
  using Object = T;
  T before;
  T after;
  friend bool operator==(const Replace&, const Replace&) = default;
};

using AddAddress = Add<AddressFact>;
using RemoveAddress = Remove<AddressFact>;
using AddRoute = Add<RouteFact>;
using RemoveRoute = Remove<RouteFact>;
using AddWithholding = Add<Withholding>;
using RemoveWithholding = Remove<Withholding>;
using ReplaceWithholding = Replace<Withholding>;

/// True for the kinds that are changed in one go; the others are removed and made anew.
template <typename T>
inline constexpr bool kIsReplaced = std::is_same_v<T, Withholding> || std::is_same_v<T, OwnTable> ||
                                    std::is_same_v<T, DecapFilter> || std::is_same_v<T, FileFact> ||
                                    std::is_same_v<T, NeighbourFact>;

// Steps that change nothing: they prove that the others worked.

/// Reads back what the kernel makes of `all` and the interface's own value.
struct ReadBackEffective {
  EffectiveRule rule;
  friend bool operator==(const ReadBackEffective&, const ReadBackEffective&) = default;
};
/// Lets the NIC receive a who-has for each VIP, which must stay unanswered, and one for `control`
/// (the host's own address), which must be answered: else nothing was proven. For IPv6 the same
/// with neighbour solicitations. `control` and `vips` are of one family.
struct ArpProbe {
  std::string link;
  IpAddr control{};
  std::vector<IpAddr> vips;
  friend bool operator==(const ArpProbe&, const ArpProbe&) = default;
};
/// Tells the neighbours where the VIP is now: gratuitous ARP in request and reply form, or an
/// unsolicited neighbour advertisement. Adding an address announces nothing by itself (measured;
/// arp_notify does not help).
struct Announce {
  std::string link;
  std::vector<IpAddr> vips;
  friend bool operator==(const Announce&, const Announce&) = default;
};
/// Lets the NIC receive a tunnel packet as a director would send it, and waits for the inner packet
/// to come out of the other end. The error names who dropped it, where that can be known.
struct TunnelProbe {
  std::string link;  ///< the NIC that would receive it
  DecapTarget target;
  IpAddr director{};  ///< the outer source
  IpAddr vip{};       ///< the inner destination
  friend bool operator==(const TunnelProbe&, const TunnelProbe&) = default;
};
/// Waits until udev has done with a new link (its rules replay the distribution's sysctls on it,
/// asynchronously), and sets the value again when that changed it. Without udev there is nothing to
/// wait for. Fails when the value does not stay.
struct SettleSysctl {
  std::string link;
  std::string key;
  std::string value;
  friend bool operator==(const SettleSysctl&, const SettleSysctl&) = default;
};

using Step =
    std::variant<SetSysctl, Add<AddressFact>, Remove<AddressFact>, Add<RouteFact>,
                 Remove<RouteFact>, Add<Withholding>, Remove<Withholding>, Replace<Withholding>,
                 Add<NeighbourFact>, Remove<NeighbourFact>, Replace<NeighbourFact>, Add<TunnelFact>,
                 Remove<TunnelFact>, Add<UpFact>, Remove<UpFact>, Add<OwnTable>, Remove<OwnTable>,
                 Replace<OwnTable>, Add<ForeignRule>, Remove<ForeignRule>, Add<ClsactFact>,
                 Remove<ClsactFact>, Add<DecapFilter>, Remove<DecapFilter>, Replace<DecapFilter>,
                 Add<DecapProcess>, Remove<DecapProcess>, Add<FileFact>, Remove<FileFact>,
                 Replace<FileFact>, Add<Forward6Fact>, Remove<Forward6Fact>, ReadBackEffective,
                 ArpProbe, Announce, TunnelProbe, SettleSysctl>;

/// One line of English: "add 192.168.1.99/32 to lo (label lo:0, scope host)".
std::string describe(const Step& step);
/// The same as a line of a diff, without its sign: "net.ipv4.conf.all.arp_ignore: 0 -> 1".
std::string diff_text(const Step& step);
/// '+' makes an object, '-' removes one, '~' changes one, '?' only looks or tells.
char diff_sign(const Step& step);

/// The step that takes this one back; nullopt for a step that changes nothing.
std::optional<Step> inverse(const Step& step);

/// False for the steps that only look or tell.
bool changes_host(const Step& step);

/// Which object a step is about: two steps on the same object have the same key.
std::string object_of(const Step& step);

/// What the snapshot is after the step: the planner looks ahead with it. Steps that change nothing
/// leave it alone.
void carry_out_on(Snapshot& snapshot, const Step& step);

/// What must be looked at to undo the step.
Look look_for(const Step& step);

}  // namespace lvs::profiles
