#pragma once

#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/icmpv6.h"
#include "net/wire/ip.h"

// About which packets an ICMP error may be sent (RFC 1122, 3.2.2; RFC 4443, 2.4). Freestanding.

namespace lvs::wire {

/// An address of one host: what an error may be sent to, and what it may be about.
constexpr bool is_one_host(Ipv4Addr address) {
  const std::uint32_t network = address.number() >> 24;
  return network != 0 && network != 127 && network < 224;
}
constexpr bool is_one_host(const Ipv6Addr& address) {
  return address != Ipv6Addr{} && address.octets()[0] != 0xff;
}

/// True for errors themselves, and for messages of which it cannot be told.
template <AnyIpView Ip>
constexpr bool is_icmp_that_forbids_errors(const Ip& ip) {
  if (ip.protocol() != Ip::kIcmp) return false;
  const auto icmp = BasicIcmpViewOf<typename Ip::Addr, const std::uint8_t>::parse(ip.payload());
  if (!icmp || icmp->is_error()) return true;
  if constexpr (Ip::kFamily == Family::Ipv6) return icmp->type() == Icmpv6Type::Redirect;
  return false;
}

/// True when an error may be sent about this packet. The caller asks Ethernet whether it came by
/// broadcast or multicast. (Packet too big may answer a multicast packet; no service has such an
/// address.) IPv4's subnet broadcasts are not known here; a packet to one is not addressed to a
/// VIP.
template <AnyIpView Ip>
constexpr bool is_answerable(const Ip& ip) {
  return !ip.is_later_fragment() && is_one_host(ip.source()) && is_one_host(ip.destination()) &&
         !is_icmp_that_forbids_errors(ip);
}

}  // namespace lvs::wire
