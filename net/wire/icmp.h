#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ipv4.h"

// ICMP (RFC 792, RFC 1191). Freestanding.

namespace lvs::wire {

/// Any other number may appear on the wire.
enum class IcmpType : std::uint8_t {
  EchoReply = 0,
  Unreachable = 3,
  SourceQuench = 4,
  Redirect = 5,
  Echo = 8,
  TimeExceeded = 11,
  ParameterProblem = 12,
};

namespace icmp_code {
inline constexpr std::uint8_t kPortUnreachable = 3, kFragmentationNeeded = 4, kTtlExceeded = 0;
}

namespace icmp_field {
inline constexpr std::size_t kType = 0, kCode = 1, kChecksum = 2, kEchoId = 4, kEchoSequence = 6,
                             kNextHopMtu = 6, kHeader = 8;
}

/// True for messages that report an error and quote a packet; no error may be sent about one
/// (RFC 1122, 3.2.2).
constexpr bool is_icmp_error(IcmpType type) {
  return type == IcmpType::Unreachable || type == IcmpType::SourceQuench ||
         type == IcmpType::Redirect || type == IcmpType::TimeExceeded ||
         type == IcmpType::ParameterProblem;
}

/// A checked window onto an ICMP message (the payload of an IPv4 packet).
template <Byte B>
class BasicIcmpView {
 public:
  /// nullopt: shorter than the eight bytes that every type has.
  static constexpr std::optional<BasicIcmpView> parse(std::span<B> buffer) {
    if (buffer.size() < icmp_field::kHeader) return std::nullopt;
    return BasicIcmpView{buffer};
  }

  constexpr IcmpType type() const { return IcmpType{bytes_[icmp_field::kType]}; }
  constexpr std::uint8_t code() const { return bytes_[icmp_field::kCode]; }
  constexpr bool is_error() const { return is_icmp_error(type()); }
  constexpr bool has_valid_checksum() const { return sum_of(bytes_) == 0xffff; }
  /// Fragmentation needed, the counterpart of ICMPv6's packet too big.
  constexpr bool is_too_big() const {
    return type() == IcmpType::Unreachable && code() == icmp_code::kFragmentationNeeded;
  }
  /// Of a fragmentation needed message (RFC 1191, 4).
  constexpr std::uint16_t next_hop_mtu() const {
    return load_be16(bytes_, icmp_field::kNextHopMtu);
  }
  /// Of an echo or its reply.
  constexpr std::uint16_t echo_id() const { return load_be16(bytes_, icmp_field::kEchoId); }
  constexpr std::uint16_t echo_sequence() const {
    return load_be16(bytes_, icmp_field::kEchoSequence);
  }
  /// The packet that an error is about, cut off somewhere; nullopt when this is no error or quotes
  /// no IPv4 header.
  [[gnu::always_inline]] constexpr std::optional<BasicIpv4View<B>> quoted() const {
    if (!is_error()) return std::nullopt;
    return BasicIpv4View<B>::parse_quoted(payload());
  }
  constexpr std::span<B> bytes() const { return bytes_; }
  constexpr std::span<B> payload() const { return bytes_.subspan(icmp_field::kHeader); }

 private:
  constexpr explicit BasicIcmpView(std::span<B> bytes) : bytes_(bytes) {}

  std::span<B> bytes_;
};

using IcmpView = BasicIcmpView<std::uint8_t>;
using ConstIcmpView = BasicIcmpView<const std::uint8_t>;

}  // namespace lvs::wire
