#pragma once

#include <cstddef>
#include <cstdint>

#include "director/core/packet.h"
#include "net/wire/bytes.h"

namespace lvs::director {

/// An ICMP or ICMPv6 error, field by field.
template <typename Addr>
struct IcmpMessage {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint16_t mtu = 0;
  std::uint8_t tos = 0;
  Addr from{};
  Addr to{};
};

/// Bytes of a message that quotes so many, from the IP header on: not more than 576 (RFC 1812,
/// 4.3.2.3), in IPv6 1280 (RFC 4443, 2.4).
template <typename Addr>
std::size_t icmp_message_length(std::size_t quoted);

/// Writes a message that fills `ip`, with all checksums right. `quoted` may be bytes of `ip` itself
/// that lie behind the message's own headers.
template <typename Addr>
void store_icmp_message(wire::MutableBytes ip, const IcmpMessage<Addr>& message,
                        wire::ConstBytes quoted);

/// What an ICMP error of ours says.
enum class IcmpNews : std::uint8_t { PortUnreachable, TtlExceeded, TooBig };

/// An ICMP error to send.
template <typename Addr>
struct IcmpError {
  IcmpNews news = IcmpNews::PortUnreachable;
  std::uint16_t mtu = 0;     ///< TooBig
  Addr from{};               ///< whose address it bears
  bool hop_counted = false;  ///< the quoted packet has one hop less than the one that came
};

/// False for packets about which nothing may be said: resets, and what came from or went to more
/// than one host (RFC 1122, 3.2.2; RFC 4443, 2.4; RFC 9293, 3.10.7.1). Later fragments and ICMP
/// never become a Packet.
template <typename Addr>
bool may_be_answered(const Packet<Addr>& packet);

// Both write a whole Ethernet frame back to where the packet came from, with all checksums right.
// `out` is at least Engine::kAnswerBytes long. They return the frame's length.

/// The reset that a host sends for a segment of no connection (RFC 9293, 3.10.7.1).
template <typename Addr>
std::size_t make_reset(const Packet<Addr>& packet, wire::MutableBytes out);

/// Quotes as much of the packet as fits.
template <typename Addr>
std::size_t make_icmp_error(const IpPacket<Addr>& packet, const IcmpError<Addr>& error,
                            wire::MutableBytes out);

}  // namespace lvs::director
