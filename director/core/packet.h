#pragma once

#include <cstdint>
#include <optional>

#include "director/core/frame.h"
#include "director/core/records.h"
#include "director/core/verdict.h"
#include "net/wire/ethernet.h"
#include "net/wire/icmp.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"

// From a frame to the packet that the engine works on, for both families. Freestanding: compiles
// for BPF, which cannot return a struct, so what does is always inlined.

namespace lvs::director {

/// What is different between the families, by the type of their addresses.
template <typename Addr>
struct FamilyTraits;
template <>
struct FamilyTraits<Ipv4Addr> {
  static constexpr Family kFamily = Family::Ipv4;
  static constexpr wire::EtherType kEtherType = wire::EtherType::Ipv4;
  static constexpr Protocol kIcmp = Protocol::Icmp;
  static constexpr std::uint16_t kLeastMtu = 68;  ///< RFC 791
};
template <>
struct FamilyTraits<Ipv6Addr> {
  static constexpr Family kFamily = Family::Ipv6;
  static constexpr wire::EtherType kEtherType = wire::EtherType::Ipv6;
  static constexpr Protocol kIcmp = Protocol::Icmpv6;
  static constexpr std::uint16_t kLeastMtu = 1280;  ///< RFC 8200
};
using wire::IpView;

/// An IP packet whose header is right, in its frame.
template <typename Addr>
struct IpPacket {
  wire::EthernetView ethernet;
  IpView<Addr> ip;
  Offload offload;
};

/// A TCP segment, UDP datagram or SCTP packet; or the first fragment of one.
template <typename Addr>
struct Packet : IpPacket<Addr> {
  wire::TransportView transport;

  constexpr FlowKey<Addr> key() const {
    return {this->ip.source(), this->ip.destination(), transport.source_port(),
            transport.destination_port(), transport.protocol()};
  }
};

/// What a frame that is no transport packet is.
enum class Other : std::uint8_t {
  Nothing,        ///< `action` is what becomes of it
  LaterFragment,  ///< see fragments.h
  Icmp,           ///< see icmp_errors.h
};

/// What becomes of a frame that is no transport packet.
template <typename Addr>
struct Refusal {
  Action action = Action::Kernel;
  DropReason reason = DropReason::None;
  /// The drop holds only where `destination` is an address of ours; else the frame is the kernel's.
  bool only_for_services = false;
  Other other = Other::Nothing;
  Protocol protocol{};
  Addr destination{};
};

template <typename Addr>
struct Parsed {
  std::optional<IpPacket<Addr>> ip;    ///< where its header is right and may be looked at
  std::optional<Packet<Addr>> packet;  ///< where it is one
  Refusal<Addr> refusal;               ///< where it is none
};

namespace detail {

constexpr DropReason reason_of(wire::Defect defect) {
  return defect == wire::Defect::Truncated ? DropReason::Truncated : DropReason::BadHeader;
}

template <typename Addr>
constexpr Parsed<Addr> refuse(DropReason reason) {
  return {std::nullopt, std::nullopt, {Action::Drop, reason}};
}

/// Addresses that are nobody's to send from: "this network", loopback, multicast and above (RFC
/// 1122, 3.2.1.3). The kernel would drop them before IPVS, but we stand before the kernel.
constexpr bool may_send(Ipv4Addr source) {
  const std::uint32_t first_octet = source.number() >> 24;
  return first_octet != 0 && first_octet != 127 && first_octet < 224;
}
/// The same of RFC 4291: unspecified, loopback, multicast.
constexpr bool may_send(const Ipv6Addr& source) {
  const auto& octets = source.octets();
  if (octets[0] == 0xff) return false;
  for (std::size_t i = 0; i + 1 < octets.size(); ++i)
    if (octets[i] != 0) return true;
  return octets.back() > 1;
}

constexpr bool is_for_another_hop(const wire::Ipv4View& /*source routes are the kernel's*/) {
  return false;
}
constexpr bool is_for_another_hop(const wire::Ipv6View& ip) { return ip.has_segments_left(); }

template <typename Addr>
[[gnu::always_inline]] constexpr Parsed<Addr> parse_transport(const IpPacket<Addr>& packet) {
  const IpView<Addr>& ip = packet.ip;
  Parsed<Addr> parsed{packet, std::nullopt, {}};
  if (ip.is_later_fragment()) {
    parsed.refusal.other = Other::LaterFragment;
    return parsed;
  }
  if (!wire::is_transport(ip.protocol())) {
    if (ip.protocol() == FamilyTraits<Addr>::kIcmp) parsed.refusal.other = Other::Icmp;
    return parsed;
  }
  const std::optional<wire::TransportView> transport = wire::TransportView::parse(ip);
  if (transport) {
    parsed.packet = Packet<Addr>{packet, *transport};
  } else {
    parsed.refusal = {Action::Drop,  reason_of(wire::TransportView::check(ip)),
                      true,          Other::Nothing,
                      ip.protocol(), ip.destination()};
  }
  return parsed;
}

}  // namespace detail

/// Reads the IP packet in a frame whose Ethernet header says that it has one of this family.
template <typename Addr>
[[gnu::always_inline]] constexpr Parsed<Addr> parse_packet(const wire::EthernetView& ethernet,
                                                           const Offload& offload) {
  using View = IpView<Addr>;
  const std::optional<View> ip = View::parse(ethernet.payload());
  if (!ip) return detail::refuse<Addr>(detail::reason_of(View::check(ethernet.payload())));
  if (!ip->has_valid_checksum()) return detail::refuse<Addr>(DropReason::BadChecksum);
  if (!detail::may_send(ip->source()) || ip->source() == ip->destination())
    return wire::is_transport(ip->protocol()) ? detail::refuse<Addr>(DropReason::BadHeader)
                                              : Parsed<Addr>{};
  if (detail::is_for_another_hop(*ip)) return {};
  return detail::parse_transport<Addr>({ethernet, *ip, offload});
}

}  // namespace lvs::director
