#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "profiles/core/abilities.h"
#include "profiles/core/desired/reach.h"
#include "profiles/core/objects/decap.h"
#include "profiles/core/objects/link.h"
#include "profiles/core/profile.h"

// How a real server of tun takes packets out of the tunnel, and why in this way.

namespace lvs::profiles {

/// Generic UDP encapsulation (IANA), for a tunnel of type gue that says no port.
inline constexpr Port kGuePort{6080};

enum class DecapWay : std::uint8_t {
  Device,   ///< a kernel device of ours for each real address
  Tunl0,    ///< the kernel's own, which is there already
  Bpf,      ///< a program at the NIC's ingress
  Process,  ///< a program that runs
};

/// The choice, or why there is none.
struct WayChoice {
  std::optional<DecapWay> way;
  std::string note;     ///< the choice and its reason
  std::string lacking;  ///< what the kernel or our rights lack
  std::string refusal;  ///< what the profile cannot mean
};

/// `merging`: a link where tunnels of type gue end and whose GRO puts UDP datagrams together, or
/// empty. A BPF program cannot part them again; the kernel does, for a process's socket.
WayChoice choose_way(Decap said, const std::vector<Seat>& seats, const Abilities& can,
                     const std::string& merging);

/// What is sent to this seat's real address.
DecapTarget target_of(const Seat& seat);

/// The kind of device that takes VIPs of one family out of what is sent to a real address.
TunnelKind kind_for(const IpAddr& rip, const IpAddr& vip);
/// The device's name, a function of kind and real address, so that two profiles share it:
/// "lvs4-c0a8015b". At most 13 bytes, which leaves room for a label.
std::string device_name(TunnelKind kind, const IpAddr& rip);

}  // namespace lvs::profiles
