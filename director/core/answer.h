#pragma once

#include <cstddef>
#include <cstdint>

#include "director/core/packet.h"
#include "net/wire/bytes.h"
#include "net/wire/icmp.h"

namespace lvs::director {

/// An ICMP error to send.
struct IcmpError {
  wire::IcmpType type = wire::IcmpType::Unreachable;
  std::uint8_t code = 0;
  std::uint16_t mtu = 0;  ///< only of a fragmentation needed message
};

/// False for packets about which nothing may be said: resets, and what came from or went to more
/// than one host (RFC 1122, 3.2.2; RFC 9293, 3.10.7.1). Fragments and ICMP never become a Packet.
bool may_be_answered(const Packet& packet);

// Both write a whole Ethernet frame back to where the packet came from, from the address that it
// was sent to, with all checksums right. `out` is at least Engine::kAnswerBytes long. They return
// the frame's length.

/// The reset that a host sends for a segment of no connection (RFC 9293, 3.10.7.1).
std::size_t make_reset(const Packet& packet, wire::MutableBytes out);

/// Quotes as much of the packet as fits in 576 bytes (RFC 1812, 4.3.2.3).
std::size_t make_icmp_error(const Packet& packet, const IcmpError& error, wire::MutableBytes out);

}  // namespace lvs::director
