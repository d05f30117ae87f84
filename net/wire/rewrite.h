#pragma once

#include <cstddef>
#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum_change.h"
#include "net/wire/ip.h"
#include "net/wire/rewrite_address.h"
#include "net/wire/sctp_checksum.h"
#include "net/wire/transport.h"

// Another address and port in place of a packet's source or destination. Freestanding.
//
// TCP and UDP: the checksum is adjusted by what changed, so that a wrong one stays wrong and its
// receiver notices. A sender that leaves the checksum to its network card has stored the folded sum
// of the pseudo-header, not complemented; ports are no part of it. UDP's zero means "none" and
// stays; a sum of zero is sent as 0xffff (RFC 768).
// SCTP: the CRC does not cover addresses, and is made anew when a port changes.

namespace lvs::wire {

template <typename Addr>
struct Endpoint {
  Addr address{};
  Port port{};
  friend constexpr bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// What the transport checksum's field holds.
enum class ChecksumState : std::uint8_t {
  Finished,
  Unfinished,  ///< the folded sum of the pseudo-header (Offload::checksum_unfinished)
};

namespace detail {

constexpr std::size_t checksum_field(Protocol protocol) {
  if (protocol == Protocol::Tcp) return transport_field::kTcpChecksum;
  return protocol == Protocol::Udp ? transport_field::kUdpChecksum : transport_field::kSctpChecksum;
}

/// Up to where a transport header must be there to be rewritten.
constexpr std::size_t rewritten_bytes(Protocol protocol) {
  return checksum_field(protocol) +
         (protocol == Protocol::Sctp ? sizeof(std::uint32_t) : sizeof(std::uint16_t));
}

constexpr std::size_t port_field(End end) {
  return end == End::Source ? transport_field::kSourcePort : transport_field::kDestinationPort;
}

/// The checksum of TCP and UDP after `change`.
constexpr std::uint16_t changed_checksum(Protocol protocol, std::uint16_t before,
                                         const ChecksumChange& change) {
  if (protocol == Protocol::Udp && before == 0) return 0;
  const std::uint16_t after = change.in_checksum(before);
  return protocol == Protocol::Udp && after == 0 ? std::uint16_t{0xffff} : after;
}

}  // namespace detail

/// Rewrites one end of a packet. A later fragment has no transport header: its address alone
/// changes, and what the first fragment's checksum lost or won is right for them all. So it is for
/// a protocol without ports. False, and nothing was changed: the transport header is cut off, or
/// the port of an SCTP fragment would change, whose CRC nobody can know without the whole packet.
///
/// The checksum of an SCTP packet that is Unfinished stays so: store_sctp_checksum() before it is
/// sent, because no network card is asked for a CRC by the way that carriers send.
template <AnyMutableIpView Ip>
[[nodiscard]] constexpr bool rewrite(const Ip& ip, End end, const Endpoint<typename Ip::Addr>& to,
                                     ChecksumState state) {
  const Protocol protocol = ip.protocol();
  ChecksumChange change;
  if (ip.is_later_fragment() || !is_transport(protocol)) {
    rewrite_address(ip, end, to.address, change);
    return true;
  }
  const MutableBytes transport = ip.payload();
  if (transport.size() < detail::rewritten_bytes(protocol)) return false;
  const std::uint16_t port_before = load_be16(transport, detail::port_field(end));
  const bool port_changes = port_before != to.port.number;
  if (protocol == Protocol::Sctp && port_changes && ip.is_fragment()) return false;

  rewrite_address(ip, end, to.address, change);
  store_be16(transport, detail::port_field(end), to.port.number);
  const std::size_t field = detail::checksum_field(protocol);
  if (protocol == Protocol::Sctp) {
    if (port_changes && state == ChecksumState::Finished) store_sctp_checksum(transport);
    return true;
  }
  const std::uint16_t before = load_be16(transport, field);
  if (state == ChecksumState::Unfinished) {
    store_be16(transport, field, change.in_sum(before));
    return true;
  }
  change.word(port_before, to.port.number);
  store_be16(transport, field, detail::changed_checksum(protocol, before, change));
  return true;
}

}  // namespace lvs::wire
