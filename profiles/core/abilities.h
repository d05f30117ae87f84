#pragma once

#include <string>
#include <vector>

namespace lvs::profiles {

/// Whether this kernel has something and this process may use it, and how we know: `why` is shown
/// by `plan` beside the choice that follows from it.
struct Ability {
  bool has = false;
  std::string why;  ///< "module ipip is loaded", "this kernel has no module ipip"
  friend bool operator==(const Ability&, const Ability&) = default;
};

/// What the kernel can do for us, found out without changing anything (no module is loaded by
/// looking). `desire` chooses by it.
struct Abilities {
  Ability ipip;  ///< the tunnel devices' kinds
  Ability sit;
  Ability ip6tnl;
  Ability bpf;                    ///< load a tc program and attach it at clsact
  bool inet_tables = true;        ///< nf_tables has the family inet; where we may not ask: true
  bool force_forwarding = false;  ///< net.ipv6.conf.IF.force_forwarding exists (Linux 6.17)
  bool udev = false;              ///< udev watches this namespace's links
  /// Links that put UDP datagrams of no socket together as they come (GRO), sorted.
  std::vector<std::string> merging_udp;
  friend bool operator==(const Abilities&, const Abilities&) = default;
};

}  // namespace lvs::profiles
