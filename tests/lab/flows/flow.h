#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/lab/flows/packet.h"

// Packets of one interface, sorted into flows and put together again where they were fragmented.

namespace lvs::test {

/// One hop of one direction of a flow at an interface. Within it order counts; between hops and
/// directions it is a matter of when a capture was given its copy.
struct FlowHop {
  std::string flow;  ///< "tcp 10001", "udp 10013": the client's port; "ping". ICMP errors: whose
                     ///< packet they are about
  bool to_server = true;
  std::string macs;  ///< "05<03": to the director's NIC, from the router's
  friend auto operator<=>(const FlowHop&, const FlowHop&) = default;
};
std::string to_text(const FlowHop& hop);

/// The clients' addresses, by which directions are told.
inline constexpr const char* kClient4 = "192.0.2.10";
inline constexpr const char* kClient6 = "2001:db8:c::10";

using Hops = std::map<FlowHop, std::vector<IpPacket>>;

struct Sorted {
  Hops hops{};
  std::map<std::string, int> arp{};   ///< "ff<03 request 10.0.0.254 asks for 10.0.0.100": how often
  std::vector<std::string> others{};  ///< what belongs to no flow and is no host's own business
};
Sorted sort_packets(const std::vector<Packet>& packets);

/// A packet of a flow as its receiver understands it.
struct Seen {
  IpPacket packet{};                ///< out of the tunnel, put together
  std::optional<IpPacket> outer{};  ///< of a tunnel; of the first piece where there were several
  std::string tunnel{};             ///< Carried::kind
  bool came_in_pieces = false;      ///< the lengths on the wire are those of fragments
  bool pieces_differ = false;       ///< fragments of one packet with other TTL, TOS or DF
};
/// In the order in which they were complete. A packet that never was is there as its pieces.
std::vector<Seen> put_together(const std::vector<IpPacket>& packets);

}  // namespace lvs::test
