#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"

// What stands between the outer IP header and the inner packet: nothing (RFC 2003, 2473, 4213), GRE
// (RFC 2784, 2890) or GUE (draft-ietf-intarea-gue-09). Freestanding: the BPF program and the
// process decide by the same lines.

namespace lvs::wire {

inline constexpr std::size_t kGreMinHeader = 4;
inline constexpr std::size_t kGueMinHeader = 4;

/// How many bytes stand in front of the inner packet, and of which family that is.
struct TunnelLayer {
  std::size_t size = 0;
  Family inner = Family::Ipv4;
  friend constexpr bool operator==(const TunnelLayer&, const TunnelLayer&) = default;
};

/// The family of the IP packet that an IP protocol number announces: 4 and 41.
[[gnu::always_inline]] constexpr std::optional<Family> carried_family(Protocol protocol) {
  if (protocol == Protocol::IpIp) return Family::Ipv4;
  if (protocol == Protocol::Ipv6) return Family::Ipv6;
  return std::nullopt;
}

/// A header of version 0 with checksum, key and sequence number as its flags say, in front of an IP
/// packet. nullopt: a flag that RFC 2890 does not know (source routing among them), or another
/// payload. `start` is its first kGreMinHeader bytes.
[[gnu::always_inline]] constexpr std::optional<TunnelLayer> gre_layer(ConstBytes start) {
  constexpr unsigned checksum = 0x8000, key = 0x2000, sequence = 0x1000;
  constexpr std::uint16_t ipv4 = 0x0800, ipv6 = 0x86dd;
  const unsigned flags = load_be16(start, 0);
  if ((flags & ~(checksum | key | sequence)) != 0) return std::nullopt;
  std::size_t size = kGreMinHeader;
  for (const unsigned flag : {checksum, key, sequence})
    if ((flags & flag) != 0) size += 4;
  const std::uint16_t type = load_be16(start, 2);
  if (type == ipv4) return TunnelLayer{size, Family::Ipv4};
  if (type == ipv6) return TunnelLayer{size, Family::Ipv6};
  return std::nullopt;
}

/// What follows the UDP header: a data message of variant 0 with its optional fields, or an IP
/// packet itself, whose version field makes variant 1. nullopt: a control message, another variant,
/// or another payload. `start` is its first kGueMinHeader bytes.
[[gnu::always_inline]] constexpr std::optional<TunnelLayer> gue_layer(ConstBytes start) {
  const unsigned version = start[0] >> 4u;
  if (version == 4) return TunnelLayer{0, Family::Ipv4};
  if (version == 6) return TunnelLayer{0, Family::Ipv6};
  const bool is_control = (start[0] & 0x20u) != 0;
  if ((start[0] & 0xc0u) != 0 || is_control) return std::nullopt;
  const std::size_t optional_fields = std::size_t{4} * (start[0] & 0x1fu);
  const std::optional<Family> inner = carried_family(Protocol{start[1]});
  if (!inner) return std::nullopt;
  return TunnelLayer{kGueMinHeader + optional_fields, *inner};
}

}  // namespace lvs::wire
