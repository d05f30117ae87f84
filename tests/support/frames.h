#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"

// Whole frames for tests, with all checksums right.

namespace lvs::test {

using Bytes = std::vector<std::uint8_t>;

inline constexpr MacAddr kRouterMac{{0x02, 0, 0, 0, 0, 0x01}};
inline constexpr MacAddr kDirectorMac{{0x02, 0, 0, 0, 0, 0x02}};

struct FrameSpec {
  Ipv4Addr source{203, 0, 113, 5};
  Port source_port{1024};
  Ipv4Addr destination{10, 0, 0, 1};
  Port destination_port{80};
  Protocol protocol = Protocol::Tcp;
  std::uint8_t flags = wire::tcp_flag::kSyn;
  std::uint32_t sequence = 1000;
  std::uint32_t acknowledgement = 0;
  std::size_t payload = 0;
  std::uint8_t ttl = 64;
  bool dont_fragment = true;
};

namespace detail {
inline void store_tcp(wire::MutableBytes tcp, const FrameSpec& spec) {
  using namespace wire::transport_field;
  wire::store_be32(tcp, kTcpSequence, spec.sequence);
  wire::store_be32(tcp, kTcpAcknowledgement, spec.acknowledgement);
  tcp[kTcpOffset] = 0x50;
  tcp[kTcpFlags] = spec.flags;
  wire::store_be16(tcp, kTcpWindow, 8192);
}
}  // namespace detail

/// Writes the transport checksum that belongs to this IPv4 packet.
inline void finish_transport(wire::Ipv4View ip) {
  const std::size_t field = ip.protocol() == Protocol::Tcp ? wire::transport_field::kTcpChecksum
                                                           : wire::transport_field::kUdpChecksum;
  wire::store_be16(ip.payload(), field, 0);
  const auto sum = static_cast<std::uint16_t>(~wire::transport_sum(ip));
  wire::store_be16(ip.payload(), field, sum == 0 ? std::uint16_t{0xffff} : sum);
}

inline Bytes make_frame(const FrameSpec& spec) {
  using namespace wire::transport_field;
  const std::size_t header = spec.protocol == Protocol::Tcp ? kTcpMinHeader : kUdpHeader;
  Bytes frame(wire::kEthernetHeader + wire::ipv4_field::kMinHeader + header + spec.payload);
  wire::store_ethernet(frame, kDirectorMac, kRouterMac, wire::EtherType::Ipv4);
  const wire::MutableBytes ip = wire::MutableBytes{frame}.subspan(wire::kEthernetHeader);
  const wire::MutableBytes transport = ip.subspan(wire::ipv4_field::kMinHeader);
  for (std::size_t i = 0; i < spec.payload; ++i)
    transport[header + i] = static_cast<std::uint8_t>('a' + i % 26);
  wire::store_be16(transport, kSourcePort, spec.source_port.number);
  wire::store_be16(transport, kDestinationPort, spec.destination_port.number);
  if (spec.protocol == Protocol::Tcp) {
    detail::store_tcp(transport, spec);
  } else {
    wire::store_be16(transport, kUdpLength, static_cast<std::uint16_t>(transport.size()));
  }
  wire::store_ipv4(ip, {.source = spec.source,
                        .destination = spec.destination,
                        .protocol = spec.protocol,
                        .ttl = spec.ttl,
                        .dont_fragment = spec.dont_fragment});
  finish_transport(*wire::Ipv4View::parse(ip));
  return frame;
}

/// The IPv4 packet in a frame without a VLAN tag.
inline wire::Ipv4View ipv4_of(wire::MutableBytes frame) {
  return *wire::Ipv4View::parse(frame.subspan(wire::kEthernetHeader));
}

/// After a test changed an IPv4 header on purpose: its checksum as it must be.
inline void finish_ipv4(wire::MutableBytes frame) {
  const wire::MutableBytes ip = frame.subspan(wire::kEthernetHeader);
  const std::size_t header = std::size_t{4} * (ip[0] & 0x0fu);
  wire::store_be16(ip, wire::ipv4_field::kChecksum, 0);
  wire::store_be16(ip, wire::ipv4_field::kChecksum, wire::checksum_of(ip.first(header)));
}

}  // namespace lvs::test
