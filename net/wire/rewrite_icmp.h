#pragma once

#include <cstdint>

#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/checksum_change.h"
#include "net/wire/icmp.h"
#include "net/wire/icmpv6.h"
#include "net/wire/ip.h"
#include "net/wire/ports.h"
#include "net/wire/rewrite.h"
#include "net/wire/rewrite_address.h"

// ICMP errors through nat. Freestanding.
//
// An error travels against the packet that it quotes: who is the error's destination is the quoted
// packet's source. A server's error on its way to the client: outer source and quoted destination
// become the VIP. A client's error on its way to the server: outer destination and quoted source
// become the server.

namespace lvs::wire {

namespace detail {

/// Changes one end of the quoted packet, its header's checksum (which some routers leave wrong: it
/// is made anew) and its port where it is there. The checksum in the quoted transport header stays:
/// IPVS leaves it too, and nobody can verify a packet that is cut off.
template <AnyMutableIpView Ip>
constexpr void rewrite_quoted(const Ip& quoted, End end, const Endpoint<typename Ip::Addr>& to,
                              ChecksumChange& change) {
  if (find_ports(quoted)) {
    const MutableBytes ports = quoted.payload();
    change.word(load_be16(ports, port_field(end)), to.port.number);
    store_be16(ports, port_field(end), to.port.number);
  }
  if constexpr (Ip::kFamily == Family::Ipv4) {
    const std::uint16_t before = quoted.checksum();
    rewrite_address(quoted, end, to.address, change);
    store_be16(quoted.bytes(), ipv4_field::kChecksum, 0);
    const std::uint16_t after = checksum_of(quoted.header());
    store_be16(quoted.bytes(), ipv4_field::kChecksum, after);
    change.word(before, after);
  } else {
    rewrite_address(quoted, end, to.address, change);
  }
}

}  // namespace detail

/// Rewrites the `end` of an ICMP error and the other end of the packet that it quotes. The ICMP
/// checksum is adjusted: a wrong one stays wrong. False, and nothing was changed: no error, a
/// fragment of one, or a quoted packet that cannot be read.
template <AnyMutableIpView Ip>
[[nodiscard]] constexpr bool rewrite_icmp_error(const Ip& ip, End end,
                                                const Endpoint<typename Ip::Addr>& to) {
  using Icmp = BasicIcmpViewOf<typename Ip::Addr, std::uint8_t>;
  if (ip.protocol() != Ip::kIcmp || ip.is_fragment()) return false;
  const auto icmp = Icmp::parse(ip.payload());
  if (!icmp) return false;
  const auto quoted = icmp->quoted();
  if (!quoted) return false;

  ChecksumChange change;
  ChecksumChange outer;
  detail::rewrite_quoted(*quoted, other(end), to, change);
  rewrite_address(ip, end, to.address, Ip::kFamily == Family::Ipv6 ? change : outer);
  const MutableBytes message = icmp->bytes();
  store_be16(message, icmp_field::kChecksum,
             change.in_checksum(load_be16(message, icmp_field::kChecksum)));
  return true;
}

}  // namespace lvs::wire
