#pragma once

#include <cstddef>
#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/ecn_encapsulate.h"
#include "net/wire/ip.h"
#include "net/wire/outer_header.h"
#include "net/wire/transport.h"

// A tunnel's outer headers in front of a packet: IP in IP (RFC 2003, 2473, 4213), GRE (RFC 2784)
// or GUE variant 0 (draft-ietf-intarea-gue-09), as IPVS writes them. Freestanding.

namespace lvs::wire {

/// What all packets of a tunnel have in common.
struct Tunnel {
  TunnelType type = TunnelType::IpIp;
  /// GRE: with its checksum. GUE: with UDP's, which IPv6 wants (RFC 8200, 8.1) unless the operator
  /// says that the tunnel does without (RFC 6935).
  bool checksum = false;
  Port port{};  ///< GUE: the destination's
  IpAddr source{};
  IpAddr destination{};  ///< of the same family
};

/// What this packet's outer header has of its own.
struct OuterFields {
  std::uint16_t id = 0;  ///< IPv4
  Port source_port{};    ///< GUE: entropy_port()
  /// IPVS's pmtu_disc: DF is that of the inner packet; without, it is clear. An inner IPv6 packet
  /// has none.
  bool path_mtu_discovery = true;
  /// The packet will be cut or its inner checksum finished before it is sent: outer checksums are
  /// only announced, finish_outer() makes them.
  bool finish_later = false;
};

/// A source port that tells a flow from others (RFC 8085, 5.1.1): 49152 to 65535, by any hash.
constexpr Port entropy_port(std::uint32_t hash) {
  return Port{static_cast<std::uint16_t>(0xc000u | ((hash >> 16 ^ hash) & 0x3fffu))};
}

namespace detail {

constexpr Protocol carried_protocol(Family inner) {
  return inner == Family::Ipv4 ? Protocol::IpIp : Protocol::Ipv6;
}

constexpr void store_gue(MutableBytes shim, Family inner, const Tunnel& tunnel, Port source) {
  using namespace transport_field;
  store_be16(shim, kSourcePort, source.number);
  store_be16(shim, kDestinationPort, tunnel.port.number);
  store_be16(shim, kUdpLength, 0);
  store_be16(shim, kUdpChecksum, tunnel.checksum ? std::uint16_t{0xffff} : std::uint16_t{0});
  const MutableBytes gue = shim.subspan(kUdpHeader);
  gue[0] = 0;  // variant 0, data, no optional fields
  gue[1] = static_cast<std::uint8_t>(carried_protocol(inner));
  store_be16(gue, 2, 0);
}

constexpr void store_gre(MutableBytes shim, Family inner, bool checksum) {
  constexpr std::uint16_t ipv4 = 0x0800, ipv6 = 0x86dd;
  store_be16(shim, 0, checksum ? outer_field::kGreHasChecksum : std::uint16_t{0});
  store_be16(shim, 2, inner == Family::Ipv4 ? ipv4 : ipv6);
  if (checksum) store_be32(shim, outer_field::kGreChecksum, 0);
}

constexpr Protocol outer_protocol(TunnelType type, Family inner) {
  if (type == TunnelType::Gue) return Protocol::Udp;
  return type == TunnelType::Gre ? Protocol::Gre : carried_protocol(inner);
}

}  // namespace detail

/// Writes the outer headers. `packet` is tunnel_overhead() bytes to be written and then exactly the
/// bytes of `inner`, whose hops were counted down before: the outer TTL is what is left.
template <AnyIpView Inner>
constexpr void encapsulate(MutableBytes packet, const Inner& inner, const Tunnel& tunnel,
                           const OuterFields& fields) {
  const Family family = tunnel.destination.family();
  const MutableBytes outer = packet.first(tunnel_overhead(tunnel.type, family, tunnel.checksum));
  const Protocol protocol = detail::outer_protocol(tunnel.type, Inner::kFamily);
  const std::uint8_t tos = encapsulated_tos(inner.tos());
  std::size_t header = ipv6_field::kHeader;
  if (family == Family::Ipv4) {
    header = ipv4_field::kMinHeader;
    const bool inner_df = Inner::kFamily == Family::Ipv4 && !inner.may_be_fragmented();
    store_ipv4(outer, {.source = tunnel.source.v4(),
                       .destination = tunnel.destination.v4(),
                       .protocol = protocol,
                       .tos = tos,
                       .ttl = inner.hops(),
                       .dont_fragment = fields.path_mtu_discovery && inner_df});
    store_be16(outer, ipv4_field::kId, fields.id);
  } else {
    store_ipv6(outer, {.source = tunnel.source.v6(),
                       .destination = tunnel.destination.v6(),
                       .protocol = protocol,
                       .tos = tos,
                       .hops = inner.hops()});
  }
  const MutableBytes shim = outer.subspan(header);
  if (tunnel.type == TunnelType::Gue)
    detail::store_gue(shim, Inner::kFamily, tunnel, fields.source_port);
  if (tunnel.type == TunnelType::Gre) detail::store_gre(shim, Inner::kFamily, tunnel.checksum);
  if (fields.finish_later) {
    finish_outer_ip(packet, packet.size());
  } else {
    finish_outer(packet);
  }
}

}  // namespace lvs::wire
