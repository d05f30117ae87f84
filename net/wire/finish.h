#pragma once

#include <cstddef>
#include <cstdint>

#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/ip.h"
#include "net/wire/outer_header.h"
#include "net/wire/rewrite.h"
#include "net/wire/sctp_checksum.h"
#include "net/wire/transport.h"

// Checksums that a network card was to compute, computed. Freestanding.

namespace lvs::wire {

/// Makes the transport checksum of a whole packet from nothing, also where UDP had none. False, and
/// nothing was changed: a fragment, another protocol, or a transport header that is cut off.
template <AnyMutableIpView Ip>
constexpr bool finish_transport(const Ip& ip) {
  const MutableBytes transport = ip.payload();
  const Protocol protocol = ip.protocol();
  if (ip.is_fragment() || !is_transport(protocol)) return false;
  if (transport.size() < detail::rewritten_bytes(protocol)) return false;
  if (protocol == Protocol::Sctp) {
    if (transport.size() < transport_field::kSctpHeader) return false;
    store_sctp_checksum(transport);
    return true;
  }
  const std::size_t field = detail::checksum_field(protocol);
  store_be16(transport, field, 0);
  const auto checksum = static_cast<std::uint16_t>(~transport_sum(ip));
  const bool is_none = protocol == Protocol::Udp && checksum == 0;
  store_be16(transport, field, is_none ? std::uint16_t{0xffff} : checksum);
  return true;
}

/// Finishes the checksum of a frame that leaves in one piece: of the packet, or of the inner packet
/// behind `outer_length` bytes of outer headers and then theirs (a tunnel's inner packet cannot
/// leave unfinished: no card looks so deep). False when that packet cannot be finished.
constexpr bool finish_frame(MutableBytes frame, std::size_t outer_length) {
  const auto ethernet = EthernetView::parse(frame);
  if (!ethernet || ethernet->payload().size() < outer_length) return false;
  const MutableBytes packet = ethernet->payload();
  std::size_t inner = 0;  // without Ethernet's padding
  const auto finished = [&inner](const auto& ip) {
    if (!ip || !finish_transport(*ip)) return false;
    inner = ip->bytes().size();
    return true;
  };
  if (!finished(Ipv4View::parse(packet.subspan(outer_length))) &&
      !finished(Ipv6View::parse(packet.subspan(outer_length))))
    return false;
  if (outer_length != 0) finish_outer(packet.first(outer_length + inner));
  return true;
}

}  // namespace lvs::wire
