#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"

// IPv4 (RFC 791). Freestanding.

namespace lvs::wire {

namespace ipv4_field {
inline constexpr std::size_t kVersion = 0, kTos = 1, kTotalLength = 2, kId = 4, kFragment = 6,
                             kTtl = 8, kProtocol = 9, kChecksum = 10, kSource = 12,
                             kDestination = 16, kMinHeader = 20;
inline constexpr std::uint16_t kDontFragment = 0x4000, kMoreFragments = 0x2000,
                               kOffsetMask = 0x1fff;
}  // namespace ipv4_field

/// A checked window onto an IPv4 packet. Whoever holds one may call every accessor: parse() is the
/// only way to get one, and it has compared all lengths with the buffer.
template <Byte B>
class BasicIpv4View {
 public:
  using Addr = Ipv4Addr;
  static constexpr Family kFamily = Family::Ipv4;
  static constexpr Protocol kIcmp = Protocol::Icmp;
  static constexpr std::size_t kSourceField = ipv4_field::kSource;
  static constexpr std::size_t kDestinationField = ipv4_field::kDestination;

  /// Why parse() would refuse these bytes.
  static constexpr Defect check(std::span<B> buffer) {
    using namespace ipv4_field;
    if (buffer.empty()) return Defect::Truncated;
    if (buffer[kVersion] >> 4 != 4) return Defect::Malformed;
    if (buffer.size() < kMinHeader) return Defect::Truncated;
    const std::size_t header = header_bytes(buffer);
    const std::size_t total = load_be16(buffer, kTotalLength);
    if (header < kMinHeader || total < header) return Defect::Malformed;
    return total > buffer.size() ? Defect::Truncated : Defect::None;
  }

  /// nullopt: short buffer, not version 4, or header or total length that do not fit the buffer.
  /// The header's checksum is not looked at: has_valid_checksum().
  static constexpr std::optional<BasicIpv4View> parse(std::span<B> buffer) {
    if (check(buffer) != Defect::None) return std::nullopt;
    return BasicIpv4View{buffer.first(load_be16(buffer, ipv4_field::kTotalLength))};
  }

  /// For the packet that an ICMP error quotes: its header must be there, the rest may be cut off.
  static constexpr std::optional<BasicIpv4View> parse_quoted(std::span<B> buffer) {
    using namespace ipv4_field;
    if (buffer.size() < kMinHeader || buffer[kVersion] >> 4 != 4) return std::nullopt;
    const std::size_t header = header_bytes(buffer);
    const std::size_t total = load_be16(buffer, kTotalLength);
    if (header < kMinHeader || total < header || header > buffer.size()) return std::nullopt;
    return BasicIpv4View{buffer.first(total < buffer.size() ? total : buffer.size())};
  }

  constexpr Ipv4Addr source() const { return Ipv4Addr{load_be32(bytes_, ipv4_field::kSource)}; }
  constexpr Ipv4Addr destination() const {
    return Ipv4Addr{load_be32(bytes_, ipv4_field::kDestination)};
  }
  constexpr Protocol protocol() const { return Protocol{bytes_[ipv4_field::kProtocol]}; }
  constexpr std::uint8_t ttl() const { return bytes_[ipv4_field::kTtl]; }
  /// The TTL under the name that it has in IPv6, for code over both families.
  constexpr std::uint8_t hops() const { return ttl(); }
  constexpr std::uint8_t tos() const { return bytes_[ipv4_field::kTos]; }
  constexpr std::uint16_t id() const { return load_be16(bytes_, ipv4_field::kId); }
  constexpr std::uint16_t total_length() const {
    return load_be16(bytes_, ipv4_field::kTotalLength);
  }
  constexpr std::uint16_t checksum() const { return load_be16(bytes_, ipv4_field::kChecksum); }
  constexpr bool has_valid_checksum() const { return sum_of(header()) == 0xffff; }

  constexpr bool may_be_fragmented() const {
    return (fragment_word() & ipv4_field::kDontFragment) == 0;
  }
  constexpr bool is_fragment() const {
    return (fragment_word() & (ipv4_field::kMoreFragments | ipv4_field::kOffsetMask)) != 0;
  }
  /// A fragment that does not begin with the transport header.
  constexpr bool is_later_fragment() const {
    return (fragment_word() & ipv4_field::kOffsetMask) != 0;
  }

  constexpr bool has_more_fragments() const {
    return (fragment_word() & ipv4_field::kMoreFragments) != 0;
  }
  /// In bytes.
  constexpr std::size_t fragment_offset() const {
    return std::size_t{8} * (fragment_word() & ipv4_field::kOffsetMask);
  }
  /// id() and protocol() under the names and in the widths that code over both families wants.
  constexpr std::uint32_t fragment_id() const { return id(); }
  constexpr Protocol fragment_protocol() const { return protocol(); }

  constexpr std::size_t header_length() const { return header_bytes(bytes_); }
  constexpr std::span<B> bytes() const { return bytes_; }
  constexpr std::span<B> header() const { return bytes_.first(header_length()); }
  constexpr std::span<B> payload() const { return bytes_.subspan(header_length()); }

  /// One hop less, and the header checksum adjusted. The TTL must not be zero.
  constexpr void decrement_ttl() const requires MutableByte<B> {
    const std::uint16_t before = load_be16(bytes_, ipv4_field::kTtl);
    const auto after = static_cast<std::uint16_t>(before - 0x0100);
    store_be16(bytes_, ipv4_field::kTtl, after);
    store_be16(bytes_, ipv4_field::kChecksum, adjust16(checksum(), before, after));
  }
  constexpr void decrement_hops() const requires MutableByte<B> { decrement_ttl(); }

 private:
  constexpr explicit BasicIpv4View(std::span<B> bytes) : bytes_(bytes) {}

  static constexpr std::size_t header_bytes(ConstBytes bytes) {
    return std::size_t{4} * (bytes[ipv4_field::kVersion] & 0x0fu);
  }
  constexpr std::uint16_t fragment_word() const { return load_be16(bytes_, ipv4_field::kFragment); }

  std::span<B> bytes_;  // exactly total-length bytes: Ethernet padding is cut off
};

using Ipv4View = BasicIpv4View<std::uint8_t>;
using ConstIpv4View = BasicIpv4View<const std::uint8_t>;

struct Ipv4Fields {
  Ipv4Addr source{};
  Ipv4Addr destination{};
  Protocol protocol{};
  std::uint8_t tos = 0;
  std::uint8_t ttl = 64;
  bool dont_fragment = true;
};

/// Writes a header without options in front of a payload that fills the rest of `packet`, which is
/// 20 to 65535 bytes long.
constexpr void store_ipv4(MutableBytes packet, const Ipv4Fields& fields) {
  using namespace ipv4_field;
  packet[kVersion] = 0x45;
  packet[kTos] = fields.tos;
  store_be16(packet, kTotalLength, static_cast<std::uint16_t>(packet.size()));
  store_be16(packet, kId, 0);  // unfragmented: the number means nothing (RFC 6864)
  store_be16(packet, kFragment, fields.dont_fragment ? kDontFragment : std::uint16_t{0});
  packet[kTtl] = fields.ttl;
  packet[kProtocol] = static_cast<std::uint8_t>(fields.protocol);
  store_be16(packet, kChecksum, 0);
  store_be32(packet, kSource, fields.source.number());
  store_be32(packet, kDestination, fields.destination.number());
  store_be16(packet, kChecksum, checksum_of(packet.first(kMinHeader)));
}

}  // namespace lvs::wire
