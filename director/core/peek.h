#pragma once

#include <cstddef>
#include <optional>

#include "director/core/records.h"
#include "net/wire/bytes.h"
#include "net/wire/ethernet.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"

// The flow of a frame that looks ordinary, read without judging it. Only good to load memory ahead
// of time: what is malformed may give a key as well, and what is unusual (a VLAN tag, IPv4 options,
// IPv6 extension headers) gives none. Freestanding.

namespace lvs::director {

namespace detail {

constexpr bool has_ports_first(wire::ConstBytes ip, std::size_t header, std::uint8_t protocol) {
  return ip.size() >= header + 4 && wire::is_transport(Protocol{protocol});
}

constexpr Port port_at(wire::ConstBytes bytes, std::size_t at) {
  return Port{wire::load_be16(bytes, at)};
}

}  // namespace detail

/// `ip` is what follows an Ethernet header that says Ipv4.
constexpr std::optional<FlowKey<Ipv4Addr>> peek_ipv4(wire::ConstBytes ip) {
  using namespace wire::ipv4_field;
  if (ip.size() < kMinHeader || ip[kVersion] != 0x45) return std::nullopt;
  const std::uint8_t protocol = ip[kProtocol];
  const bool is_later_fragment = (wire::load_be16(ip, kFragment) & kOffsetMask) != 0;
  if (is_later_fragment || !detail::has_ports_first(ip, kMinHeader, protocol)) return std::nullopt;
  return FlowKey<Ipv4Addr>{
      Ipv4Addr{wire::load_be32(ip, kSource)}, Ipv4Addr{wire::load_be32(ip, kDestination)},
      detail::port_at(ip, kMinHeader), detail::port_at(ip, kMinHeader + 2), Protocol{protocol}};
}

/// The same of Ipv6.
constexpr std::optional<FlowKey<Ipv6Addr>> peek_ipv6(wire::ConstBytes ip) {
  using namespace wire::ipv6_field;
  if (ip.size() < kHeader || ip[0] >> 4u != 6) return std::nullopt;
  const std::uint8_t protocol = ip[kNextHeader];
  if (!detail::has_ports_first(ip, kHeader, protocol)) return std::nullopt;
  return FlowKey<Ipv6Addr>{wire::load_ipv6(ip, kSource), wire::load_ipv6(ip, kDestination),
                           detail::port_at(ip, kHeader), detail::port_at(ip, kHeader + 2),
                           Protocol{protocol}};
}

}  // namespace lvs::director
