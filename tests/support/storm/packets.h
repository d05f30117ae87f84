#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "director/core/config.h"
#include "net/wire/addr.h"
#include "net/wire/bytes.h"

// Packets as a storm needs them, made byte by byte and without what is tested.

namespace lvs::test {

/// The IPv4 id, or the low 16 bits of the IPv6 flow label, highest bit first; the IPv4 sum is right
/// afterwards.
void set_id(std::vector<std::uint8_t>& packet, std::uint32_t id);

struct IcmpKind {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint16_t mtu = 0;
};
/// To the source of what it quotes, from a router; right sums.
std::vector<std::uint8_t> icmp_error(const IcmpKind& kind, std::vector<std::uint8_t> quoted);

/// `inner` in a tunnel as the director would send it, without GUE's and GRE's checksums.
std::vector<std::uint8_t> wrapped(const IpAddr& source, const IpAddr& destination,
                                  const director::TunnelConfig& tunnel,
                                  const std::vector<std::uint8_t>& inner);

/// False for what forbids it, and for IPv6 with extension headers.
bool may_be_fragmented(const std::vector<std::uint8_t>& packet);
/// In pieces of `step` bytes of payload, a multiple of 8.
std::vector<std::vector<std::uint8_t>> fragments_of(const std::vector<std::uint8_t>& packet,
                                                    std::size_t step);

/// The folded sum of the pseudo-header, as a sender stores it that leaves the rest to its card.
std::uint16_t pseudo_sum(wire::ConstBytes packet);
/// Puts a VLAN tag into a frame.
void tag(std::vector<std::uint8_t>& frame, std::uint16_t control);
/// Makes the IPv4 header's sum right in an untagged frame, if there is a header.
void repair_ipv4(std::vector<std::uint8_t>& frame);

}  // namespace lvs::test
