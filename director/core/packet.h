#pragma once

#include <cstdint>
#include <optional>

#include "director/core/frame.h"
#include "director/core/records.h"
#include "director/core/verdict.h"
#include "net/wire/ethernet.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"

// From a frame to the packet that the engine works on. Freestanding: compiles for BPF, which cannot
// return a struct, so what does is always inlined.

namespace lvs::director {

/// A whole TCP segment or UDP datagram in an IPv4 packet whose header is right.
struct Packet {
  wire::EthernetView ethernet;
  wire::Ipv4View ip;
  wire::TransportView transport;
  Offload offload;

  constexpr FlowKey<Ipv4Addr> key() const {
    return {ip.source(), ip.destination(), transport.source_port(), transport.destination_port(),
            transport.protocol()};
  }
};

/// What becomes of a frame that is no such packet.
struct Refusal {
  Action action = Action::Kernel;
  DropReason reason = DropReason::None;
  /// The drop holds only where `destination` is an address of ours; else the frame is the kernel's.
  bool only_for_services = false;
  Protocol protocol{};
  Ipv4Addr destination{};
};

struct Parsed {
  std::optional<Packet> packet;
  Refusal refusal;  ///< where there is no packet
};

namespace detail {

constexpr Parsed refuse(DropReason reason) { return {std::nullopt, {Action::Drop, reason}}; }
constexpr Parsed refuse_for_services(DropReason reason, const wire::Ipv4View& ip) {
  return {std::nullopt, {Action::Drop, reason, true, ip.protocol(), ip.destination()}};
}

constexpr DropReason reason_of(wire::Defect defect) {
  return defect == wire::Defect::Truncated ? DropReason::Truncated : DropReason::BadHeader;
}

/// Addresses that are nobody's to send from: "this network", loopback, multicast and above (RFC
/// 1122, 3.2.1.3). The kernel would drop them before IPVS, but we stand before the kernel.
constexpr bool may_send(Ipv4Addr source) {
  const std::uint32_t first_octet = source.number() >> 24;
  return first_octet != 0 && first_octet != 127 && first_octet < 224;
}

[[gnu::always_inline]] constexpr Parsed parse_transport(const wire::EthernetView& ethernet,
                                                        const wire::Ipv4View& ip,
                                                        const Offload& offload) {
  if (ip.is_fragment()) return refuse_for_services(DropReason::Fragment, ip);
  const std::optional<wire::TransportView> transport = wire::TransportView::parse(ip);
  if (!transport) return refuse_for_services(reason_of(wire::TransportView::check(ip)), ip);
  return {Packet{ethernet, ip, *transport, offload}, {}};
}

}  // namespace detail

/// Frames of other protocols and of other VLANs are the kernel's; a priority tag is looked through.
[[gnu::always_inline]] constexpr Parsed parse_packet(const Frame& frame) {
  if (!frame.addressed_to_us) return detail::refuse(DropReason::NotForUs);
  const std::optional<wire::EthernetView> ethernet = wire::EthernetView::parse(frame.bytes);
  if (!ethernet) return detail::refuse(DropReason::Truncated);
  if (ethernet->type() != wire::EtherType::Ipv4 || ethernet->vlan_id() != 0) return {};

  const std::optional<wire::Ipv4View> ip = wire::Ipv4View::parse(ethernet->payload());
  if (!ip) return detail::refuse(detail::reason_of(wire::Ipv4View::check(ethernet->payload())));
  if (!ip->has_valid_checksum()) return detail::refuse(DropReason::BadChecksum);
  if (ip->protocol() != Protocol::Tcp && ip->protocol() != Protocol::Udp) return {};
  if (!detail::may_send(ip->source()) || ip->source() == ip->destination())
    return detail::refuse(DropReason::BadHeader);
  return detail::parse_transport(*ethernet, *ip, frame.offload);
}

}  // namespace lvs::director
