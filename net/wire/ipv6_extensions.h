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
inline constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51,
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

/// Hop-by-hop options stand directly behind the fixed header or are a number like any other. What
/// an authentication header (RFC 4302) protects can be read, and Linux looks behind it too.
constexpr bool is_ipv6_extension(std::uint8_t number, std::size_t at) {
  return number == ipv6_field::kDestinationOptions || number == ipv6_field::kRouting ||
         number == ipv6_field::kFragment || number == ipv6_field::kAuthentication ||
         (number == ipv6_field::kHopByHop && at == ipv6_field::kHeader);
}

namespace detail {

/// Of the extension header at the start of `rest`; 0 when it is not there whole.
constexpr std::size_t ipv6_extension_size(ConstBytes rest, std::uint8_t number) {
  constexpr std::size_t unit = 8;
  if (rest.size() < unit) return 0;
  std::size_t size = unit * (rest[1] + 1u);
  if (number == ipv6_field::kFragment) size = ipv6_field::kFragmentHeader;
  if (number == ipv6_field::kAuthentication) size = std::size_t{4} * (rest[1] + 2u);
  return size <= rest.size() ? size : 0;
}

/// Where routing and fragment headers are is remembered. False: a second fragment header.
constexpr bool note_ipv6_extension(ConstBytes packet, std::uint8_t number, Ipv6Chain& chain) {
  const std::uint32_t at = chain.transport;
  const bool has_segments_left = number == ipv6_field::kRouting && packet[at + 3] != 0;
  if (has_segments_left && chain.routing == 0) chain.routing = at;
  if (number != ipv6_field::kFragment) return true;
  if (chain.fragment != 0) return false;
  chain.fragment = at;
  return true;
}

constexpr bool is_later_fragment(ConstBytes packet, const Ipv6Chain& chain) {
  return chain.fragment != 0 &&
         (load_be16(packet, chain.fragment + 2) & ipv6_field::kOffsetMask) != 0;
}

}  // namespace detail

/// Reads the chain of `packet`, which holds a fixed header and ends where the packet ends. It stops
/// at a later fragment's data, whose first byte may belong to anything. Truncated: an extension
/// header that is not there whole. Malformed: too many, or two fragment headers.
[[gnu::always_inline]] constexpr Ipv6Chain walk_ipv6(ConstBytes packet) {
  Ipv6Chain chain;
  std::uint8_t next = packet[ipv6_field::kNextHeader];
  for (unsigned seen = 0; is_ipv6_extension(next, chain.transport); ++seen) {
    const std::size_t size = detail::ipv6_extension_size(packet.subspan(chain.transport), next);
    if (size == 0) return {.defect = Defect::Truncated};
    if (seen == kMostIpv6Extensions || !detail::note_ipv6_extension(packet, next, chain))
      return {.defect = Defect::Malformed};
    next = packet[chain.transport];
    chain.transport += static_cast<std::uint32_t>(size);
    if (detail::is_later_fragment(packet, chain)) break;
  }
  chain.protocol = Protocol{next};
  return chain;
}

}  // namespace lvs::wire
