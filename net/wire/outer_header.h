#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ipv4.h"
#include "net/wire/ipv6.h"
#include "net/wire/transport.h"

// The headers of a tunnel that stand in front of an inner packet: their sizes, and what in them
// depends on how long the packet is. Freestanding.

namespace lvs::wire {

/// As IPVS numbers them.
enum class TunnelType : std::uint8_t { IpIp, Gue, Gre };

namespace outer_field {
inline constexpr std::uint16_t kGreHasChecksum = 0x8000;
inline constexpr std::size_t kGreHeader = 4, kGreChecksum = 4, kGreChecksumBytes = 4,
                             kGueHeader = 4;
}  // namespace outer_field

/// Bytes that a tunnel of this type puts behind its IP header.
constexpr std::size_t shim_length(TunnelType type, bool checksum) {
  if (type == TunnelType::Gue) return transport_field::kUdpHeader + outer_field::kGueHeader;
  if (type == TunnelType::Gre)
    return outer_field::kGreHeader + (checksum ? outer_field::kGreChecksumBytes : 0);
  return 0;
}

/// Bytes that it costs altogether: the way's MTU less this is the tunnel's.
constexpr std::size_t tunnel_overhead(TunnelType type, Family outer, bool checksum) {
  const std::size_t ip = outer == Family::Ipv4 ? ipv4_field::kMinHeader : ipv6_field::kHeader;
  return ip + shim_length(type, checksum);
}

namespace detail {

/// A length field's value. Longer than it can tell is only a super-packet, whose outer header is
/// written anew for each of its segments.
constexpr std::uint16_t length_field(std::size_t length) {
  return static_cast<std::uint16_t>(std::min<std::size_t>(length, 0xffff));
}

constexpr void finish_gre(MutableBytes gre, ConstBytes tail) {
  if ((load_be16(gre, 0) & outer_field::kGreHasChecksum) == 0) return;
  store_be16(gre, outer_field::kGreChecksum, 0);
  const std::uint16_t sum = fold(add_words(tail, add_words(gre)));
  store_be16(gre, outer_field::kGreChecksum, static_cast<std::uint16_t>(~sum));
}

constexpr void finish_outer_udp(MutableBytes udp, ConstBytes tail, std::uint64_t address_sum) {
  const std::size_t length = udp.size() + tail.size();
  store_be16(udp, transport_field::kUdpLength, length_field(length));
  if (load_be16(udp, transport_field::kUdpChecksum) == 0) return;
  store_be16(udp, transport_field::kUdpChecksum, 0);
  const std::uint64_t pseudo =
      address_sum + std::uint64_t{static_cast<std::uint8_t>(Protocol::Udp)} + length;
  const std::uint16_t sum = fold(add_words(tail, add_words(udp, pseudo)));
  const auto checksum = static_cast<std::uint16_t>(~sum);
  store_be16(udp, transport_field::kUdpChecksum, checksum == 0 ? std::uint16_t{0xffff} : checksum);
}

}  // namespace detail

/// Finishes the outer IP header for a packet of `length` bytes, of which `packet` holds the first,
/// from that header on: its length, and IPv4's checksum. Returns the header's own length.
constexpr std::size_t finish_outer_ip(MutableBytes packet, std::size_t length) {
  if (packet[0] >> 4 != 4) {
    store_be16(packet, ipv6_field::kPayloadLength,
               detail::length_field(length - ipv6_field::kHeader));
    return ipv6_field::kHeader;
  }
  const std::size_t header = std::size_t{4} * (packet[0] & 0x0fu);
  store_be16(packet, ipv4_field::kTotalLength, detail::length_field(length));
  store_be16(packet, ipv4_field::kChecksum, 0);
  store_be16(packet, ipv4_field::kChecksum, checksum_of(packet.first(header)));
  return header;
}

/// The same for a packet that `packet` and `tail` hold (where there is a tail, an even number of
/// bytes stands before it), and what stands between that header and the inner packet: UDP's length,
/// the checksum of UDP or GRE where there is to be one (UDP: a field that is not zero; GRE: the
/// flag). The inner packet must be final.
constexpr void finish_outer(MutableBytes packet, ConstBytes tail = {}) {
  const bool v4 = packet[0] >> 4 == 4;
  const MutableBytes rest = packet.subspan(finish_outer_ip(packet, packet.size() + tail.size()));
  const Protocol protocol{packet[v4 ? ipv4_field::kProtocol : ipv6_field::kNextHeader]};
  const ConstBytes addresses =
      v4 ? packet.subspan(ipv4_field::kSource, 8) : packet.subspan(ipv6_field::kSource, 32);
  if (protocol == Protocol::Gre) detail::finish_gre(rest, tail);
  if (protocol == Protocol::Udp) detail::finish_outer_udp(rest, tail, add_words(addresses));
}

}  // namespace lvs::wire
