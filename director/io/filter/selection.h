#pragma once

#include <optional>
#include <string>
#include <vector>

#include "director/core/frame.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// Packets of a service, or of a mark: all that is set must hold. One without a destination is
/// never of what is meant for an address of `own`, nor of frames that were not sent to our MAC.
struct SelectedService {
  Family family = Family::Ipv4;
  std::optional<IpAddr> destination{};
  std::optional<Protocol> protocol{};  ///< none: every fragment, of whatever protocol
  Port first{};                        ///< of the destination's ports, up to `last`
  Port last{65535};
  std::optional<Prefix> source{};
  bool is_reply = false;  ///< the ports are those of the source, which is a nat server
  std::string link{};     ///< that they come in by; empty: any
  friend auto operator<=>(const SelectedService&, const SelectedService&) = default;
};

/// Packets of a nat server's service.
struct SelectedServer {
  IpAddr address{};
  Protocol protocol = Protocol::Tcp;
  Port port{};
  friend auto operator<=>(const SelectedServer&, const SelectedServer&) = default;
};

/// Which frames a director receives. Most of them are kept from the kernel by the host's
/// withholding, which must say the same (profiles/core/objects/withholding.h), so the carrier gives
/// back what is not the engine's after all:
/// - packets of `services`, and every fragment to one of `fragments_to`;
/// - what `servers` send from their service's port, every fragment that they send, and ICMP errors
///   about what was sent to them; but nothing that is meant for an address of `own`.
/// ICMP errors to an address of `own` come to both: they may be about a service's packets, or about
/// a tunnel's outer ones, and the kernel answers none of them.
struct Selection {
  std::vector<SelectedService> services;
  std::vector<IpAddr> fragments_to;
  std::vector<SelectedServer> servers;
  std::vector<IpAddr> own;  ///< this host's, VIPs included

  /// The nat servers', sorted, once.
  std::vector<IpAddr> server_addresses() const;
};

/// True when the kernel has received this frame, which is one of the selection, too.
bool kernel_has_too(const Selection& selection, const Frame& frame);

}  // namespace lvs::director
