#pragma once

#include <cstddef>
#include <cstdint>

#include "director/core/frame.h"
#include "director/core/packet.h"
#include "director/core/step.h"
#include "director/core/tables.h"
#include "director/core/wait_key.h"
#include "net/wire/encapsulate.h"
#include "net/wire/ports.h"

// The outer headers of packets for servers of method Tunnel. Freestanding.

namespace lvs::director {

/// Bytes that the server's tunnel puts in front of a packet.
constexpr std::size_t tunnel_overhead(const ServerRecord& server) {
  const Family outer = server.address.is_v4() ? Family::Ipv4 : Family::Ipv6;
  return wire::tunnel_overhead(wire::TunnelType{static_cast<std::uint8_t>(server.tunnel)}, outer,
                               (server.flags & server_flag::kTunnelChecksum) != 0);
}

namespace detail {

/// The same for all packets of a flow, so that the network keeps them in order.
template <typename Addr>
constexpr Port flow_port(const IpView<Addr>& ip) {
  std::uint64_t hash = mixed(mixed(1, ip.source()), ip.destination());
  if (const auto ports = wire::find_ports(ip))
    hash = mixed(hash, std::uint64_t{ports->source.number} << 16u | ports->destination.number);
  return wire::entropy_port(static_cast<std::uint32_t>(hash >> 32u));
}

/// The frame grows to the front: headroom for the outer headers, the Ethernet header before them.
/// False when there is too little of it.
constexpr bool grow(Frame& frame, std::size_t ethernet_header, std::size_t overhead) {
  const std::size_t needed = wire::kEthernetHeader + overhead;
  if (needed > ethernet_header + frame.headroom) return false;
  const std::size_t longer = needed - ethernet_header;
  frame.bytes = {frame.bytes.data() - longer, frame.bytes.size() + longer};
  frame.headroom -= longer;
  return true;
}

}  // namespace detail

/// Writes outer headers and a new Ethernet header in front of a packet. The bytes of the outer
/// headers; 0 when the frame has no room for them.
template <typename Addr, Tables<Addr> T>
constexpr std::size_t wrap(T& tables, const ServerRecord& server, const NextHopRecord& hop,
                           const IpPacket<Addr>& packet, Frame& frame, bool is_cut) {
  const std::size_t overhead = tunnel_overhead(server);
  const bool is_v4 = server.address.is_v4();
  const wire::Tunnel tunnel{.type = wire::TunnelType{static_cast<std::uint8_t>(server.tunnel)},
                            .checksum = (server.flags & server_flag::kTunnelChecksum) != 0,
                            .port = server.tunnel_port,
                            .source = hop.own_address.address(),
                            .destination = server.address.address()};
  const wire::OuterFields fields{.id = is_v4 ? tables.next_packet_id() : std::uint16_t{0},
                                 .source_port = detail::flow_port<Addr>(packet.ip),
                                 .path_mtu_discovery = tables.settings().pmtu_disc,
                                 .finish_later = is_cut || packet.offload.checksum_unfinished ||
                                                 packet.offload.segment_size != 0};
  const std::size_t trailer = packet.ethernet.payload().size() - packet.ip.bytes().size();
  if (!detail::grow(frame, packet.ethernet.header_length(), overhead)) return 0;
  frame.bytes = frame.bytes.first(frame.bytes.size() - trailer);  // what Ethernet filled up
  wire::encapsulate(frame.bytes.subspan(wire::kEthernetHeader), packet.ip, tunnel, fields);
  wire::store_ethernet(frame.bytes, hop.destination, hop.source,
                       is_v4 ? wire::EtherType::Ipv4 : wire::EtherType::Ipv6);
  return overhead;
}

}  // namespace lvs::director
