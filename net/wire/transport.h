#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ip.h"

// TCP (RFC 9293), UDP (RFC 768) and SCTP (RFC 9260) over either family, as far as a balancer looks
// at them. Freestanding.

namespace lvs::wire {

/// The TCP control bits, as they lie in byte 13 of the header.
namespace tcp_flag {
inline constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10,
                              kUrg = 0x20, kCwr = 0x80;
}

/// SCTP's chunk types (RFC 9260, 3.2) that tell how an association stands.
namespace sctp_chunk {
inline constexpr std::uint8_t kData = 0, kInit = 1, kInitAck = 2, kSack = 3, kHeartbeat = 4,
                              kHeartbeatAck = 5, kAbort = 6, kShutdown = 7, kShutdownAck = 8,
                              kError = 9, kCookieEcho = 10, kCookieAck = 11, kShutdownComplete = 14;
}

namespace transport_field {
inline constexpr std::size_t kSourcePort = 0, kDestinationPort = 2;
inline constexpr std::size_t kTcpSequence = 4, kTcpAcknowledgement = 8, kTcpOffset = 12,
                             kTcpFlags = 13, kTcpWindow = 14, kTcpChecksum = 16, kTcpMinHeader = 20;
inline constexpr std::size_t kUdpLength = 4, kUdpChecksum = 6, kUdpHeader = 8;
inline constexpr std::size_t kSctpTag = 4, kSctpChecksum = 8, kSctpHeader = 12,
                             kSctpChunkHeader = 4;
}  // namespace transport_field

/// True for the three protocols that have a BasicTransportView.
constexpr bool is_transport(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp || protocol == Protocol::Sctp;
}

/// A checked window onto a TCP segment, a UDP datagram or an SCTP packet.
template <Byte B>
class BasicTransportView {
 public:
  /// Why parse() would refuse this packet. Another protocol and a later fragment are Malformed
  /// here: the caller asks before.
  template <AnyIpView Ip>
  static constexpr Defect check(const Ip& ip) {
    if (ip.is_later_fragment()) return Defect::Malformed;
    if (ip.protocol() == Protocol::Tcp) return check_tcp(ip.payload());
    if (ip.protocol() == Protocol::Udp) return check_udp(ip.payload(), ip.is_fragment());
    if (ip.protocol() == Protocol::Sctp) return check_sctp(ip.payload());
    return Defect::Malformed;
  }

  /// nullopt: another protocol, a later fragment, or a header that does not fit the packet.
  /// Always inlined: BPF cannot return a struct.
  template <AnyIpView Ip>
  [[gnu::always_inline]] static constexpr std::optional<BasicTransportView> parse(const Ip& ip) {
    if (check(ip) != Defect::None) return std::nullopt;
    return BasicTransportView{ip.payload(), ip.protocol()};
  }

  constexpr Protocol protocol() const { return protocol_; }
  constexpr bool is_tcp() const { return protocol_ == Protocol::Tcp; }
  constexpr bool is_udp() const { return protocol_ == Protocol::Udp; }
  constexpr bool is_sctp() const { return protocol_ == Protocol::Sctp; }
  constexpr Port source_port() const {
    return Port{load_be16(bytes_, transport_field::kSourcePort)};
  }
  constexpr Port destination_port() const {
    return Port{load_be16(bytes_, transport_field::kDestinationPort)};
  }
  /// Of TCP and UDP; zero for SCTP, whose sum is another and longer one.
  constexpr std::uint16_t checksum() const {
    if (is_sctp()) return 0;
    return load_be16(bytes_,
                     is_tcp() ? transport_field::kTcpChecksum : transport_field::kUdpChecksum);
  }
  /// False only for UDP without one (RFC 768: zero).
  constexpr bool has_checksum() const { return !is_udp() || checksum() != 0; }

  // TCP only; zero for the others.
  constexpr std::uint8_t tcp_flags() const {
    return is_tcp() ? bytes_[transport_field::kTcpFlags] : std::uint8_t{0};
  }
  constexpr bool has_flag(std::uint8_t flag) const { return (tcp_flags() & flag) != 0; }
  constexpr std::uint32_t sequence() const {
    return is_tcp() ? load_be32(bytes_, transport_field::kTcpSequence) : 0;
  }
  constexpr std::uint32_t acknowledgement() const {
    return is_tcp() ? load_be32(bytes_, transport_field::kTcpAcknowledgement) : 0;
  }
  constexpr std::uint16_t window() const {
    return is_tcp() ? load_be16(bytes_, transport_field::kTcpWindow) : std::uint16_t{0};
  }
  /// SEG.LEN of RFC 9293: payload, and one each for SYN and FIN.
  constexpr std::uint32_t segment_length() const {
    return static_cast<std::uint32_t>(payload().size()) + has_flag(tcp_flag::kSyn) +
           has_flag(tcp_flag::kFin);
  }

  // SCTP only; zero or nothing for the others.
  constexpr std::uint32_t verification_tag() const {
    return is_sctp() ? load_be32(bytes_, transport_field::kSctpTag) : 0;
  }
  /// A sctp_chunk. nullopt: there is none.
  constexpr std::optional<std::uint8_t> first_chunk_type() const {
    return chunk_type_at(transport_field::kSctpHeader);
  }
  /// Of the chunk bundled behind the first (an ABORT behind a COOKIE ECHO ends what the first
  /// began).
  constexpr std::optional<std::uint8_t> second_chunk_type() const {
    using namespace transport_field;
    if (!first_chunk_type()) return std::nullopt;
    const std::size_t length = load_be16(bytes_, kSctpHeader + 2);
    if (length < kSctpChunkHeader) return std::nullopt;
    return chunk_type_at(kSctpHeader + (length + 3) / 4 * 4);
  }

  constexpr std::size_t header_length() const {
    if (is_tcp()) return tcp_header_bytes(bytes_);
    return is_udp() ? transport_field::kUdpHeader : transport_field::kSctpHeader;
  }
  constexpr std::span<B> bytes() const { return bytes_; }
  constexpr std::span<B> payload() const { return bytes_.subspan(header_length()); }

 private:
  constexpr BasicTransportView(std::span<B> bytes, Protocol protocol)
      : bytes_(bytes), protocol_(protocol) {}

  static constexpr std::size_t tcp_header_bytes(ConstBytes bytes) {
    return std::size_t{4} * (bytes[transport_field::kTcpOffset] >> 4);
  }
  static constexpr Defect check_tcp(std::span<B> payload) {
    if (payload.size() < transport_field::kTcpMinHeader) return Defect::Truncated;
    const std::size_t header = tcp_header_bytes(payload);
    if (header < transport_field::kTcpMinHeader) return Defect::Malformed;
    return header > payload.size() ? Defect::Truncated : Defect::None;
  }
  static constexpr Defect check_udp(std::span<B> payload, bool is_fragment) {
    if (payload.size() < transport_field::kUdpHeader) return Defect::Truncated;
    const std::size_t length = load_be16(payload, transport_field::kUdpLength);
    if (length < transport_field::kUdpHeader) return Defect::Malformed;
    // The length counts the whole datagram, of which a first fragment holds a part.
    return length > payload.size() && !is_fragment ? Defect::Truncated : Defect::None;
  }
  static constexpr Defect check_sctp(std::span<B> payload) {
    return payload.size() < transport_field::kSctpHeader ? Defect::Truncated : Defect::None;
  }
  constexpr std::optional<std::uint8_t> chunk_type_at(std::size_t at) const {
    if (!is_sctp() || at + transport_field::kSctpChunkHeader > bytes_.size()) return std::nullopt;
    return bytes_[at];
  }

  std::span<B> bytes_;
  Protocol protocol_;
};

using TransportView = BasicTransportView<std::uint8_t>;
using ConstTransportView = BasicTransportView<const std::uint8_t>;

/// The sum over pseudo-header and segment: 0xffff when the checksum is right. Of no meaning for
/// fragments, for UDP without a checksum, for SCTP, and for frames whose checksum is unfinished.
template <AnyIpView Ip>
constexpr std::uint16_t transport_sum(const Ip& ip) {
  return fold(add_words(ip.payload(), pseudo_header_words(ip.source(), ip.destination(),
                                                          ip.protocol(), ip.payload().size())));
}

}  // namespace lvs::wire
