#pragma once

#include <cstddef>
#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"

// The chain of headers between IPv6's fixed header and the transport header (RFC 8200, 4).
// Freestanding.

namespace lvs::wire {

namespace ipv6_field {
inline constexpr std::size_t kPayloadLength = 4, kNextHeader = 6, kHopLimit = 7, kSource = 8,
                             kDestination = 24, kHeader = 40;
inline constexpr std::size_t kFragmentHeader = 8;
/// Of the fragment header's second word: the offset counts bytes, its low three bits are others'.
inline constexpr std::uint16_t kOffsetMask = 0xfff8, kMoreFragments = 1;
inline constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44,
                              kDestinationOptions = 60;
}  // namespace ipv6_field

/// More extension headers than this in one packet are refused: no sender needs them.
inline constexpr unsigned kMostIpv6Extensions = 8;

/// Where things are in a packet, in bytes from the start of its fixed header. 0: not there.
struct Ipv6Chain {
  std::uint32_t transport = ipv6_field::kHeader;
  std::uint32_t fragment = 0;
  std::uint32_t routing = 0;  ///< the first routing header with segments left
  Protocol protocol{};        ///< at `transport`
  Defect defect = Defect::None;
};

/// Hop-by-hop options stand directly behind the fixed header or are a number like any other.
constexpr bool is_ipv6_extension(std::uint8_t number, std::size_t at) {
  return number == ipv6_field::kDestinationOptions || number == ipv6_field::kRouting ||
         number == ipv6_field::kFragment ||
         (number == ipv6_field::kHopByHop && at == ipv6_field::kHeader);
}

/// Reads the chain of `packet`, which holds a fixed header and ends where the packet ends. It stops
/// at a later fragment's data, whose first byte may belong to anything. Truncated: an extension
/// header that is not there whole. Malformed: too many, or two fragment headers.
[[gnu::always_inline]] constexpr Ipv6Chain walk_ipv6(ConstBytes packet) {
  using namespace ipv6_field;
  Ipv6Chain chain;
  std::uint8_t next = packet[kNextHeader];
  std::uint32_t at = kHeader;
  for (unsigned seen = 0; is_ipv6_extension(next, at); ++seen) {
    const std::size_t left = packet.size() - at;
    const bool is_fragment = next == kFragment;
    const std::size_t size = left < 8 || is_fragment ? 8 : std::size_t{8} * (packet[at + 1] + 1u);
    if (size > left) chain.defect = Defect::Truncated;
    if (seen == kMostIpv6Extensions || (is_fragment && chain.fragment != 0))
      chain.defect = Defect::Malformed;
    if (chain.defect != Defect::None) return chain;

    if (next == kRouting && packet[at + 3] != 0 && chain.routing == 0) chain.routing = at;
    if (is_fragment) chain.fragment = at;
    next = packet[at];
    const bool is_later = is_fragment && (load_be16(packet, at + 2) & kOffsetMask) != 0;
    at += static_cast<std::uint32_t>(size);
    if (is_later) break;
  }
  chain.transport = at;
  chain.protocol = Protocol{next};
  return chain;
}

}  // namespace lvs::wire
