#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/address_bytes.h"
#include "net/wire/bytes.h"
#include "net/wire/ipv6_extensions.h"

// IPv6 (RFC 8200). Freestanding.

namespace lvs::wire {

/// A checked window onto an IPv6 packet, with the names of BasicIpv4View where the meaning is the
/// same: "header" is all up to the transport header, so extension headers count as options do.
template <Byte B>
class BasicIpv6View {
 public:
  using Addr = Ipv6Addr;
  static constexpr Family kFamily = Family::Ipv6;
  static constexpr Protocol kIcmp = Protocol::Icmpv6;
  static constexpr std::size_t kSourceField = ipv6_field::kSource;
  static constexpr std::size_t kDestinationField = ipv6_field::kDestination;

  /// Why parse() would refuse these bytes. A chain of extension headers that is longer than
  /// kMostIpv6Extensions is Malformed (RFC 8504, 5.3 lets a node have such a limit).
  static constexpr Defect check(std::span<B> buffer) {
    const Defect defect = check_fixed(buffer);
    if (defect != Defect::None) return defect;
    return walk_ipv6(buffer.first(total_bytes(buffer))).defect;
  }

  /// nullopt: short buffer, not version 6, a payload length that does not fit the buffer, or broken
  /// extension headers. A jumbogram (payload length 0, RFC 2675) reads as a packet without payload.
  /// Always inlined: BPF cannot return a struct.
  [[gnu::always_inline]] static constexpr std::optional<BasicIpv6View> parse(std::span<B> buffer) {
    if (check_fixed(buffer) != Defect::None) return std::nullopt;
    return over(buffer.first(total_bytes(buffer)));
  }

  /// For the packet that an ICMPv6 error quotes: all headers up to the transport header must be
  /// there, the rest may be cut off.
  [[gnu::always_inline]] static constexpr std::optional<BasicIpv6View> parse_quoted(
      std::span<B> buffer) {
    if (buffer.size() < ipv6_field::kHeader || buffer[0] >> 4 != 6) return std::nullopt;
    const std::size_t total = total_bytes(buffer);
    return over(buffer.first(total < buffer.size() ? total : buffer.size()));
  }

  constexpr Ipv6Addr source() const { return load_ipv6(bytes_, ipv6_field::kSource); }
  constexpr Ipv6Addr destination() const { return load_ipv6(bytes_, ipv6_field::kDestination); }
  /// The upper-layer protocol, behind extension headers. An unknown header's number where there is
  /// one; of a later fragment fragment_protocol().
  constexpr Protocol protocol() const { return chain_.protocol; }
  constexpr std::uint8_t hops() const { return bytes_[ipv6_field::kHopLimit]; }
  constexpr std::uint8_t traffic_class() const {
    return static_cast<std::uint8_t>(load_be16(bytes_, 0) >> 4 & 0xff);
  }
  /// The same under the name that it has in IPv4.
  constexpr std::uint8_t tos() const { return traffic_class(); }
  constexpr std::size_t total_length() const { return total_bytes(bytes_); }
  /// IPv6 has none that could be wrong.
  constexpr bool has_valid_checksum() const { return true; }

  /// Routers never fragment.
  constexpr bool may_be_fragmented() const { return false; }
  /// False for an atomic fragment (RFC 6946): it is a whole packet.
  constexpr bool is_fragment() const {
    return (fragment_word() & (ipv6_field::kOffsetMask | ipv6_field::kMoreFragments)) != 0;
  }
  /// A fragment that does not begin with the transport header (or headers in front of it).
  constexpr bool is_later_fragment() const {
    return (fragment_word() & ipv6_field::kOffsetMask) != 0;
  }
  constexpr bool has_more_fragments() const {
    return (fragment_word() & ipv6_field::kMoreFragments) != 0;
  }
  /// In bytes.
  constexpr std::size_t fragment_offset() const {
    return fragment_word() & ipv6_field::kOffsetMask;
  }
  /// 0 without a fragment header.
  constexpr std::uint32_t fragment_id() const {
    return chain_.fragment == 0 ? 0 : load_be32(bytes_, chain_.fragment + 4);
  }
  /// What the fragment header says comes next: the same in all fragments of a packet, but not
  /// protocol() where further extension headers follow in the first. protocol() without one.
  constexpr Protocol fragment_protocol() const {
    return chain_.fragment == 0 ? protocol() : Protocol{bytes_[chain_.fragment]};
  }

  /// A routing header that is not used up: `destination` is not where the packet ends, and what
  /// becomes of it is the host's business. Linux drops type 0 (RFC 5095), answers types that it
  /// does not know, and goes on with those that it was told to. One without segments left is
  /// skipped.
  constexpr bool has_segments_left() const { return chain_.routing != 0; }
  /// The type of that routing header; no meaning without has_segments_left().
  constexpr std::uint8_t routing_type() const { return bytes_[chain_.routing + 2]; }

  constexpr std::size_t header_length() const { return chain_.transport; }
  constexpr std::span<B> bytes() const { return bytes_; }
  constexpr std::span<B> header() const { return bytes_.first(header_length()); }
  constexpr std::span<B> payload() const { return bytes_.subspan(header_length()); }

  /// One hop less. The hop limit must not be zero.
  constexpr void decrement_hops() const requires MutableByte<B> { --bytes_[ipv6_field::kHopLimit]; }

 private:
  constexpr BasicIpv6View(std::span<B> bytes, const Ipv6Chain& chain)
      : bytes_(bytes), chain_(chain) {}

  static constexpr std::size_t total_bytes(ConstBytes bytes) {
    return ipv6_field::kHeader + load_be16(bytes, ipv6_field::kPayloadLength);
  }
  static constexpr Defect check_fixed(ConstBytes buffer) {
    if (buffer.empty()) return Defect::Truncated;
    if (buffer[0] >> 4 != 6) return Defect::Malformed;
    if (buffer.size() < ipv6_field::kHeader) return Defect::Truncated;
    return total_bytes(buffer) > buffer.size() ? Defect::Truncated : Defect::None;
  }
  [[gnu::always_inline]] static constexpr std::optional<BasicIpv6View> over(std::span<B> packet) {
    const Ipv6Chain chain = walk_ipv6(packet);
    if (chain.defect != Defect::None) return std::nullopt;
    return BasicIpv6View{packet, chain};
  }
  constexpr unsigned fragment_word() const {
    return chain_.fragment == 0 ? 0u : load_be16(bytes_, chain_.fragment + 2);
  }

  std::span<B> bytes_;  // exactly total-length bytes: Ethernet padding is cut off
  Ipv6Chain chain_;
};

using Ipv6View = BasicIpv6View<std::uint8_t>;
using ConstIpv6View = BasicIpv6View<const std::uint8_t>;

struct Ipv6Fields {
  Ipv6Addr source{};
  Ipv6Addr destination{};
  Protocol protocol{};
  std::uint8_t tos = 0;
  std::uint8_t hops = 64;
};

/// Writes a header without extension headers in front of a payload that fills the rest of `packet`,
/// which is 40 to 65575 bytes long.
constexpr void store_ipv6(MutableBytes packet, const Ipv6Fields& fields) {
  using namespace ipv6_field;
  store_be16(packet, 0, static_cast<std::uint16_t>(0x6000 | fields.tos << 4));
  store_be16(packet, 2, 0);  // the rest of the flow label
  store_be16(packet, kPayloadLength, static_cast<std::uint16_t>(packet.size() - kHeader));
  packet[kNextHeader] = static_cast<std::uint8_t>(fields.protocol);
  packet[kHopLimit] = fields.hops;
  store_ipv6(packet, kSource, fields.source);
  store_ipv6(packet, kDestination, fields.destination);
}

}  // namespace lvs::wire
