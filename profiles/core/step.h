#pragma once

#include <optional>
#include <string>
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

struct AddAddress {
  AddressFact address;
  friend bool operator==(const AddAddress&, const AddAddress&) = default;
};
struct RemoveAddress {
  AddressFact address;
  friend bool operator==(const RemoveAddress&, const RemoveAddress&) = default;
};
struct AddRoute {
  RouteFact route;
  friend bool operator==(const AddRoute&, const AddRoute&) = default;
};
struct RemoveRoute {
  RouteFact route;
  friend bool operator==(const RemoveRoute&, const RemoveRoute&) = default;
};
struct AddWithholding {
  Withholding table;
  friend bool operator==(const AddWithholding&, const AddWithholding&) = default;
};
struct RemoveWithholding {
  Withholding table;
  friend bool operator==(const RemoveWithholding&, const RemoveWithholding&) = default;
};
/// Both in one transaction: there is no moment at which a service is not withheld.
struct ReplaceWithholding {
  Withholding before;
  Withholding after;
  friend bool operator==(const ReplaceWithholding&, const ReplaceWithholding&) = default;
};

// Steps that change nothing: they prove that the others worked.

/// Reads back what the kernel makes of `all` and the interface's own value.
struct ReadBackEffective {
  EffectiveRule rule;
  friend bool operator==(const ReadBackEffective&, const ReadBackEffective&) = default;
};
/// Lets the NIC receive a who-has for each VIP, which must stay unanswered, and one for `control`
/// (the host's own address), which must be answered: else nothing was proven.
struct ArpProbe {
  std::string link;
  Ipv4Addr control{};
  std::vector<Ipv4Addr> vips;
  friend bool operator==(const ArpProbe&, const ArpProbe&) = default;
};
/// Tells the neighbours where the VIP is now: gratuitous ARP in request and reply form. Adding an
/// address announces nothing by itself (measured; arp_notify does not help).
struct Announce {
  std::string link;
  std::vector<Ipv4Addr> vips;
  friend bool operator==(const Announce&, const Announce&) = default;
};

using Step =
    std::variant<SetSysctl, AddAddress, RemoveAddress, AddRoute, RemoveRoute, AddWithholding,
                 RemoveWithholding, ReplaceWithholding, ReadBackEffective, ArpProbe, Announce>;

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

std::string describe(const AddressFact& address);
std::string describe(const RouteFact& route);
std::string describe(const Withholding& table);
/// "host", "link", "global", else the number.
std::string scope_name(std::uint8_t scope);

}  // namespace lvs::profiles
