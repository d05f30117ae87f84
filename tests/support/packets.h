#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"
#include "tests/support/reference_sums.h"

// IP packets of either family for tests of net/wire, with all checksums right: written by the
// reference, not by what is tested.

namespace lvs::test {

template <typename Addr>
struct PacketSpec {
  Addr source{};
  Addr destination{};
  Port source_port{40000};
  Port destination_port{80};
  Protocol protocol = Protocol::Tcp;
  std::size_t payload = 0;
  std::uint8_t tcp_flags = wire::tcp_flag::kAck;
  std::uint8_t tos = 0;
  std::uint8_t hops = 64;
  std::uint16_t id = 0x1234;  ///< IPv4
  bool dont_fragment = true;  ///< IPv4
  bool udp_checksum = true;
  std::vector<std::uint8_t> options{};  ///< IPv4 options, or whole IPv6 extension headers
  std::uint8_t first_extension = 0;     ///< IPv6: the number of the first of them
};

inline constexpr Ipv6Addr kClient6{{0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}};
inline constexpr Ipv6Addr kVip6{{0x20, 1, 0xd, 0xb8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}};
inline constexpr Ipv6Addr kServer6{{0xfd, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 0, 0, 0x11}};
inline constexpr Ipv4Addr kClient4{192, 0, 2, 1};
inline constexpr Ipv4Addr kVip4{203, 0, 113, 10};
inline constexpr Ipv4Addr kServer4{10, 0, 0, 11};

template <typename Addr>
struct Ends {
  static constexpr Addr kClient = kClient4;
  static constexpr Addr kVip = kVip4;
  static constexpr Addr kServer = kServer4;
};
template <>
struct Ends<Ipv6Addr> {
  static constexpr Ipv6Addr kClient = kClient6;
  static constexpr Ipv6Addr kVip = kVip6;
  static constexpr Ipv6Addr kServer = kServer6;
};

inline std::size_t transport_header_of(Protocol protocol) {
  if (protocol == Protocol::Tcp) return 20;
  return protocol == Protocol::Udp ? 8 : 12;
}

/// The transport checksum of a packet that has room for one, as the reference says.
inline void finish_packet(std::vector<std::uint8_t>& packet) {
  const ReferenceLayout layout = reference_layout(packet);
  if (packet[0] / 16 == 4) {
    packet[10] = packet[11] = 0;
    const std::uint16_t sum = reference_checksum(
        {packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(layout.transport)});
    wire::store_be16(packet, 10, sum);
  }
  if (layout.fragment) return;
  const std::size_t field = layout.transport + (layout.protocol == 6     ? 16u
                                                : layout.protocol == 17  ? 6u
                                                : layout.protocol == 132 ? 8u
                                                                         : 2u);
  packet[field] = packet[field + 1] = 0;
  if (layout.protocol == 132) {
    wire::store_le32(packet, field, 0);
    wire::store_le32(
        packet, field,
        reference_crc32c(
            {packet.begin() + static_cast<std::ptrdiff_t>(layout.transport), packet.end()}));
    return;
  }
  const bool plain = layout.protocol == 1;  // ICMP has no pseudo-header
  const std::uint16_t sum = reference_checksum(
      plain ? std::vector<std::uint8_t>(
                  packet.begin() + static_cast<std::ptrdiff_t>(layout.transport), packet.end())
            : with_pseudo_header(packet));
  wire::store_be16(packet, field, layout.protocol == 17 && sum == 0 ? std::uint16_t{0xffff} : sum);
}

namespace detail {
inline void store_header(std::vector<std::uint8_t>& packet, const PacketSpec<Ipv4Addr>& spec) {
  packet[0] = static_cast<std::uint8_t>(0x45 + spec.options.size() / 4);
  packet[1] = spec.tos;
  wire::store_be16(packet, 2, static_cast<std::uint16_t>(packet.size()));
  wire::store_be16(packet, 4, spec.id);
  packet[6] = spec.dont_fragment ? 0x40 : 0;
  packet[8] = spec.hops;
  packet[9] = static_cast<std::uint8_t>(spec.protocol);
  wire::store_be32(packet, 12, spec.source.number());
  wire::store_be32(packet, 16, spec.destination.number());
}
inline void store_header(std::vector<std::uint8_t>& packet, const PacketSpec<Ipv6Addr>& spec) {
  wire::store_be16(packet, 0, static_cast<std::uint16_t>(0x6000 + spec.tos * 16));
  wire::store_be16(packet, 4, static_cast<std::uint16_t>(packet.size() - 40));
  packet[6] =
      spec.options.empty() ? static_cast<std::uint8_t>(spec.protocol) : spec.first_extension;
  packet[7] = spec.hops;
  for (std::size_t i = 0; i < 16; ++i) {
    packet[8 + i] = spec.source.octets()[i];
    packet[24 + i] = spec.destination.octets()[i];
  }
}
inline void store_transport(wire::MutableBytes transport, Protocol protocol, std::uint8_t flags) {
  if (protocol == Protocol::Tcp) {
    wire::store_be32(transport, 4, 0xfffffff0);  // the numbers wrap within a super-packet
    wire::store_be32(transport, 8, 77);
    transport[12] = 0x50;
    transport[13] = flags;
    wire::store_be16(transport, 14, 8192);
  } else if (protocol == Protocol::Udp) {
    wire::store_be16(transport, 4, static_cast<std::uint16_t>(transport.size()));
  } else {
    wire::store_be32(transport, 4, 0xabadcafe);
  }
}
}  // namespace detail

template <typename Addr>
std::vector<std::uint8_t> make_packet(const PacketSpec<Addr>& spec) {
  const std::size_t ip = (std::same_as<Addr, Ipv4Addr> ? 20u : 40u) + spec.options.size();
  const std::size_t header = transport_header_of(spec.protocol);
  std::vector<std::uint8_t> packet(ip + header + spec.payload);
  for (std::size_t i = 0; i < spec.payload; ++i)
    packet[ip + header + i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  for (std::size_t i = 0; i < spec.options.size(); ++i)
    packet[ip - spec.options.size() + i] = spec.options[i];
  const wire::MutableBytes transport = wire::MutableBytes{packet}.subspan(ip);
  wire::store_be16(transport, 0, spec.source_port.number);
  wire::store_be16(transport, 2, spec.destination_port.number);
  detail::store_transport(transport, spec.protocol, spec.tcp_flags);
  detail::store_header(packet, spec);
  finish_packet(packet);
  if (spec.protocol == Protocol::Udp && !spec.udp_checksum) wire::store_be16(transport, 6, 0);
  return packet;
}

/// Client to VIP.
template <typename Addr>
PacketSpec<Addr> request_spec(Protocol protocol, std::size_t payload) {
  PacketSpec<Addr> spec;
  spec.source = Ends<Addr>::kClient;
  spec.destination = Ends<Addr>::kVip;
  spec.protocol = protocol;
  spec.payload = payload;
  return spec;
}
template <typename Addr>
std::vector<std::uint8_t> make_request(Protocol protocol, std::size_t payload) {
  return make_packet(request_spec<Addr>(protocol, payload));
}

}  // namespace lvs::test
