#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "net/wire/bytes.h"
#include "net/wire/icmp.h"
#include "net/wire/ip.h"
#include "net/wire/ipv6.h"
#include "net/wire/transport.h"

// ICMPv6 (RFC 4443). Freestanding. Its checksum counts the pseudo-header in: transport_sum(ip).

namespace lvs::wire {

/// Any other number may appear on the wire.
enum class Icmpv6Type : std::uint8_t {
  Unreachable = 1,
  PacketTooBig = 2,
  TimeExceeded = 3,
  ParameterProblem = 4,
  Echo = 128,
  EchoReply = 129,
  Redirect = 137,
};

namespace icmpv6_code {
inline constexpr std::uint8_t kPortUnreachable = 4, kHopLimitExceeded = 0;
}

namespace icmp_field {
inline constexpr std::size_t kIpv6Mtu = 4;
}

/// Types below 128 report errors, known ones and unknown ones (RFC 4443, 2.1).
constexpr bool is_icmpv6_error(Icmpv6Type type) { return static_cast<std::uint8_t>(type) < 128; }

/// A checked window onto an ICMPv6 message (the payload of an IPv6 packet), with BasicIcmpView's
/// names.
template <Byte B>
class BasicIcmpv6View {
 public:
  /// nullopt: shorter than the eight bytes that every error and echo has.
  static constexpr std::optional<BasicIcmpv6View> parse(std::span<B> buffer) {
    if (buffer.size() < icmp_field::kHeader) return std::nullopt;
    return BasicIcmpv6View{buffer};
  }

  constexpr Icmpv6Type type() const { return Icmpv6Type{bytes_[icmp_field::kType]}; }
  constexpr std::uint8_t code() const { return bytes_[icmp_field::kCode]; }
  constexpr bool is_error() const { return is_icmpv6_error(type()); }
  constexpr bool is_too_big() const { return type() == Icmpv6Type::PacketTooBig; }
  /// Of a packet too big message (RFC 4443, 3.2).
  constexpr std::uint32_t next_hop_mtu() const { return load_be32(bytes_, icmp_field::kIpv6Mtu); }
  /// Of an echo or its reply.
  constexpr std::uint16_t echo_id() const { return load_be16(bytes_, icmp_field::kEchoId); }
  constexpr std::uint16_t echo_sequence() const {
    return load_be16(bytes_, icmp_field::kEchoSequence);
  }
  /// The packet that an error is about, cut off somewhere; nullopt when this is no error, or quotes
  /// less than all headers up to the transport header.
  [[gnu::always_inline]] constexpr std::optional<BasicIpv6View<B>> quoted() const {
    if (!is_error()) return std::nullopt;
    return BasicIpv6View<B>::parse_quoted(payload());
  }
  constexpr std::span<B> bytes() const { return bytes_; }
  constexpr std::span<B> payload() const { return bytes_.subspan(icmp_field::kHeader); }

 private:
  constexpr explicit BasicIcmpv6View(std::span<B> bytes) : bytes_(bytes) {}

  std::span<B> bytes_;
};

using Icmpv6View = BasicIcmpv6View<std::uint8_t>;
using ConstIcmpv6View = BasicIcmpv6View<const std::uint8_t>;

/// The ICMP view that belongs to a family's addresses.
template <typename Addr, Byte B>
using BasicIcmpViewOf =
    std::conditional_t<std::same_as<Addr, Ipv4Addr>, BasicIcmpView<B>, BasicIcmpv6View<B>>;

/// True when the checksum of this ICMP or ICMPv6 packet is right; not for fragments.
template <AnyIpView Ip>
constexpr bool has_valid_icmp_checksum(const Ip& ip) {
  if constexpr (Ip::kFamily == Family::Ipv4)
    return sum_of(ip.payload()) == 0xffff;
  else
    return transport_sum(ip) == 0xffff;
}

}  // namespace lvs::wire
