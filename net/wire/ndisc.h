#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/address_bytes.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"

// Neighbour discovery for IPv6 over Ethernet (RFC 4861): what ARP is for IPv4. Freestanding.

namespace lvs::wire {

enum class NdiscType : std::uint8_t { Solicitation = 135, Advertisement = 136 };

namespace ndisc_field {
inline constexpr std::size_t kIpv6Header = 40, kPayloadLength = 4, kNextHeader = 6, kHopLimit = 7,
                             kSource = 8, kDestination = 24;
/// From the ICMPv6 header on.
inline constexpr std::size_t kType = 0, kCode = 1, kChecksum = 2, kFlags = 4, kTarget = 8,
                             kMessage = 24;
inline constexpr std::size_t kOption = 8;  ///< bytes of a link-layer address option for Ethernet
inline constexpr std::uint8_t kSourceLink = 1, kTargetLink = 2;
inline constexpr std::uint8_t kSolicited = 0x40, kOverride = 0x20;
/// Routers never forward these: one that arrives with it came from this LAN (RFC 4861, 7.1.1).
inline constexpr std::uint8_t kOnlyThisLan = 255;
}  // namespace ndisc_field

/// ff02::1: every host of the LAN.
inline constexpr Ipv6Addr kAllNodes{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

/// Where a solicitation for `address` goes: ff02::1:ff and its last three octets (RFC 4291, 2.7.1).
constexpr Ipv6Addr solicited_node(const Ipv6Addr& address) {
  const auto& last = address.octets();
  return Ipv6Addr{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, last[13], last[14], last[15]}};
}

/// The Ethernet address of a multicast address (RFC 2464, 7).
constexpr MacAddr multicast_mac(const Ipv6Addr& group) {
  const auto& octets = group.octets();
  return MacAddr{{0x33, 0x33, octets[12], octets[13], octets[14], octets[15]}};
}

/// The sum of an ICMPv6 message with its pseudo-header (RFC 8200, 8.1). `packet` is an IPv6 header
/// with the message right behind it.
constexpr std::uint16_t ndisc_sum(ConstBytes packet) {
  using namespace ndisc_field;
  const ConstBytes message = packet.subspan(kIpv6Header);
  const std::uint64_t pseudo = add_words(packet.subspan(kSource, 32)) + message.size() +
                               std::uint64_t{static_cast<std::uint8_t>(Protocol::Icmpv6)};
  return fold(add_words(message, pseudo));
}

/// A checked window onto a neighbour solicitation or advertisement.
class ConstNdiscView {
 public:
  /// `packet` is what follows the Ethernet header; Ethernet's padding may stand behind it. nullopt:
  /// another packet (one with extension headers is another one), or one that a receiver must
  /// discard (RFC 4861, 7.1): a hop limit that is not 255, a wrong checksum, a broken option.
  static constexpr std::optional<ConstNdiscView> parse(ConstBytes packet) {
    using namespace ndisc_field;
    if (packet.size() < kIpv6Header + kMessage || packet[0] >> 4 != 6) return std::nullopt;
    const std::size_t length = load_be16(packet, kPayloadLength);
    if (length < kMessage || packet.size() - kIpv6Header < length) return std::nullopt;
    if (packet[kNextHeader] != static_cast<std::uint8_t>(Protocol::Icmpv6)) return std::nullopt;
    const ConstNdiscView view(packet.first(kIpv6Header + length));
    return view.is_acceptable() ? std::optional(view) : std::nullopt;
  }

  constexpr NdiscType type() const { return NdiscType{message()[ndisc_field::kType]}; }
  constexpr Ipv6Addr source() const { return load_ipv6(packet_, ndisc_field::kSource); }
  constexpr Ipv6Addr destination() const { return load_ipv6(packet_, ndisc_field::kDestination); }
  /// The address that is asked for, or that the sender claims.
  constexpr Ipv6Addr target() const { return load_ipv6(message(), ndisc_field::kTarget); }
  /// Of an advertisement: the answer to a question that was asked from a real address.
  constexpr bool is_solicited() const { return has_flag(ndisc_field::kSolicited); }
  /// Of an advertisement: the listeners' entries are to be overwritten.
  constexpr bool overrides() const { return has_flag(ndisc_field::kOverride); }
  /// The option: the asker's MAC in a solicitation, the claimed one in an advertisement.
  constexpr std::optional<MacAddr> link_address() const {
    using namespace ndisc_field;
    const std::uint8_t wanted = type() == NdiscType::Solicitation ? kSourceLink : kTargetLink;
    for (ConstBytes rest = options(); !rest.empty(); rest = rest.subspan(option_size(rest)))
      if (rest[0] == wanted && option_size(rest) == kOption) return load_mac(rest, 2);
    return std::nullopt;
  }

 private:
  constexpr explicit ConstNdiscView(ConstBytes packet) : packet_(packet) {}

  constexpr ConstBytes message() const { return packet_.subspan(ndisc_field::kIpv6Header); }
  constexpr ConstBytes options() const { return message().subspan(ndisc_field::kMessage); }
  static constexpr std::size_t option_size(ConstBytes option) { return std::size_t{option[1]} * 8; }
  constexpr bool has_flag(std::uint8_t flag) const {
    return (message()[ndisc_field::kFlags] & flag) != 0;
  }
  constexpr bool is_acceptable() const {
    using namespace ndisc_field;
    if (packet_[kHopLimit] != kOnlyThisLan || message()[kCode] != 0) return false;
    if (type() != NdiscType::Solicitation && type() != NdiscType::Advertisement) return false;
    for (ConstBytes rest = options(); !rest.empty(); rest = rest.subspan(option_size(rest)))
      if (rest.size() < 2 || option_size(rest) == 0 || option_size(rest) > rest.size())
        return false;
    return ndisc_sum(packet_) == 0xffff;
  }

  ConstBytes packet_;
};

struct NdiscFields {
  MacAddr sender_mac{};
  NdiscType type = NdiscType::Solicitation;
  Ipv6Addr source{};
  Ipv6Addr destination{};
  Ipv6Addr target{};
  std::uint8_t flags = 0;  ///< ndisc_field::kSolicited, kOverride
};

/// A whole Ethernet frame with `Options` bytes of options, to a multicast group. The option, where
/// there is one, holds the sender's MAC.
template <std::size_t Options>
constexpr auto make_ndisc(const NdiscFields& fields) {
  using namespace ndisc_field;
  static_assert(Options == 0 || Options == kOption);
  std::array<std::uint8_t, kEthernetHeader + kIpv6Header + kMessage + Options> frame{};
  store_ethernet(frame, multicast_mac(fields.destination), fields.sender_mac, EtherType::Ipv6);
  const MutableBytes packet = MutableBytes{frame}.subspan(kEthernetHeader);
  packet[0] = 0x60;
  store_be16(packet, kPayloadLength, kMessage + Options);
  packet[kNextHeader] = static_cast<std::uint8_t>(Protocol::Icmpv6);
  packet[kHopLimit] = kOnlyThisLan;
  store_ipv6(packet, kSource, fields.source);
  store_ipv6(packet, kDestination, fields.destination);
  const MutableBytes message = packet.subspan(kIpv6Header);
  message[kType] = static_cast<std::uint8_t>(fields.type);
  message[kFlags] = fields.flags;
  store_ipv6(message, kTarget, fields.target);
  if constexpr (Options == kOption) {
    message[kMessage] = fields.type == NdiscType::Solicitation ? kSourceLink : kTargetLink;
    message[kMessage + 1] = 1;
    store_mac(message, kMessage + 2, fields.sender_mac);
  }
  store_be16(message, kChecksum, static_cast<std::uint16_t>(~ndisc_sum(packet)));
  return frame;
}

/// "Who has `wanted`?", to its solicited-node group. "Tell `sender`" is in it.
constexpr auto make_solicitation(const MacAddr& mac, const Ipv6Addr& sender,
                                 const Ipv6Addr& wanted) {
  return make_ndisc<ndisc_field::kOption>({.sender_mac = mac,
                                           .type = NdiscType::Solicitation,
                                           .source = sender,
                                           .destination = solicited_node(wanted),
                                           .target = wanted});
}

/// A question that claims nothing: its source is :: and it tells no MAC (RFC 4862, 5.4.2). The
/// answer goes to all nodes, and the one who answers learns nothing.
constexpr auto make_neighbour_probe(const MacAddr& mac, const Ipv6Addr& wanted) {
  return make_ndisc<0>({.sender_mac = mac,
                        .type = NdiscType::Solicitation,
                        .destination = solicited_node(wanted),
                        .target = wanted});
}

/// "`owned` is at `mac`, whatever you knew", to all: the unsolicited advertisement of RFC 4861,
/// 7.2.6.
constexpr auto make_neighbour_announcement(const MacAddr& mac, const Ipv6Addr& owned) {
  return make_ndisc<ndisc_field::kOption>({.sender_mac = mac,
                                           .type = NdiscType::Advertisement,
                                           .source = owned,
                                           .destination = kAllNodes,
                                           .target = owned,
                                           .flags = ndisc_field::kOverride});
}

}  // namespace lvs::wire
