#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/ecn.h"
#include "profiles/core/profile.h"

// From what a socket received to the packet inside. Pure.

namespace lvs::realserver {

/// A checksum that the sender left to its network card: the kernel is to finish it.
struct UnfinishedChecksum {
  std::uint16_t start = 0;   ///< of what it covers, from the packet's beginning
  std::uint16_t offset = 0;  ///< of the field, from `start`
  friend bool operator==(const UnfinishedChecksum&, const UnfinishedChecksum&) = default;
};

struct InnerPacket {
  wire::MutableBytes bytes;  ///< from its IP header on, without what follows its end
  Family family = Family::Ipv4;
  IpAddr destination{};
  std::optional<UnfinishedChecksum> unfinished{};
};

/// `payload` is what stands behind the outer IP header (behind the UDP header for GUE); `family` is
/// what the outer header's protocol number said is inside (of IPIP). nullopt: no whole IP packet.
std::optional<InnerPacket> inner_packet(wire::MutableBytes payload, profiles::TunnelType type,
                                        Family family);

/// Writes into the inner header what the outer one told of congestion (RFC 6040). False: the packet
/// is to be dropped.
bool pass_congestion_on(const InnerPacket& packet, wire::Ecn outer);

}  // namespace lvs::realserver
