#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ipv4.h"

// Explicit congestion notification (RFC 3168): the two lowest bits of IPv4's TOS and of IPv6's
// traffic class, and what becomes of them at a tunnel's end (RFC 6040). Freestanding: the BPF
// program and the process decide by the same lines.

namespace lvs::wire {

/// What the field says: not capable, capable (two ways to say it), congestion experienced.
enum class Ecn : std::uint8_t { NotCapable = 0, Capable1 = 1, Capable0 = 2, Congested = 3 };

/// How much of an IP header carries the field and what depends on it.
inline constexpr std::size_t kEcnHeader = 12;

/// Of an IP header of that family, of which the first two bytes are there.
[[gnu::always_inline]] constexpr Ecn ecn_of(ConstBytes header, Family family) {
  const unsigned shift = family == Family::Ipv4 ? 0 : 4;
  return static_cast<Ecn>((unsigned{header[1]} >> shift) & 3u);
}

/// Changes the field, and IPv4's header checksum with it. kEcnHeader bytes are there.
[[gnu::always_inline]] constexpr void set_ecn(MutableBytes header, Family family, Ecn ecn) {
  const unsigned shift = family == Family::Ipv4 ? 0 : 4;
  const std::uint16_t before = load_be16(header, 0);
  const auto after =
      static_cast<std::uint16_t>((before & ~(3u << shift)) | static_cast<unsigned>(ecn) << shift);
  store_be16(header, 0, after);
  if (family != Family::Ipv4) return;
  using ipv4_field::kChecksum;
  store_be16(header, kChecksum, adjust16(load_be16(header, kChecksum), before, after));
}

/// What the inner packet says once the outer header is gone: RFC 6040, figure 4. nullopt: drop it,
/// for the network had to (congestion), and the sender would not understand the mark.
[[gnu::always_inline]] constexpr std::optional<Ecn> ecn_out_of_tunnel(Ecn outer, Ecn inner) {
  if (inner == Ecn::NotCapable) {
    if (outer == Ecn::Congested) return std::nullopt;
    return inner;
  }
  if (outer == Ecn::Congested) return Ecn::Congested;
  if (outer == Ecn::Capable1 && inner == Ecn::Capable0) return Ecn::Capable1;
  return inner;
}

}  // namespace lvs::wire
