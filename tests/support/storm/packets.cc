#include "tests/support/storm/packets.h"

#include <algorithm>

#include "tests/support/packets.h"
#include "tests/support/reference_sums.h"

namespace lvs::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::ptrdiff_t at(std::size_t position) { return static_cast<std::ptrdiff_t>(position); }

void finish_header(Bytes& packet) {
  if (packet[0] / 16 != 4) return;
  const std::size_t header = std::size_t{4} * (packet[0] % 16u);
  wire::store_be16(packet, 10, 0);
  wire::store_be16(packet, 10, reference_checksum({packet.begin(), packet.begin() + at(header)}));
}

Bytes header_of(const IpAddr& source, const IpAddr& destination, std::uint8_t protocol,
                std::size_t payload) {
  Bytes packet;
  if (source.is_v4()) {
    PacketSpec<Ipv4Addr> spec;
    spec.source = source.v4();
    spec.destination = destination.v4();
    packet.resize(20 + payload);
    detail::store_header(packet, spec);
    packet[9] = protocol;
  } else {
    PacketSpec<Ipv6Addr> spec;
    spec.source = source.v6();
    spec.destination = destination.v6();
    packet.resize(40 + payload);
    detail::store_header(packet, spec);
    packet[6] = protocol;
  }
  finish_header(packet);
  return packet;
}

IpAddr address_in(const Bytes& packet, std::size_t v4_place, std::size_t v6_place) {
  if (packet[0] / 16 == 4) return Ipv4Addr{wire::load_be32(packet, v4_place)};
  std::array<std::uint8_t, 16> octets{};
  std::copy_n(packet.begin() + at(v6_place), 16, octets.begin());
  return Ipv6Addr{octets};
}

/// UDP and GUE, or GRE, in front of a packet.
Bytes layer(const director::TunnelConfig& tunnel, const Bytes& inner) {
  const bool v4 = inner[0] / 16 == 4;
  if (tunnel.type == director::TunnelType::Gue) {
    Bytes bytes(12);
    wire::store_be16(bytes, 0, 50000);
    wire::store_be16(bytes, 2, tunnel.port.number);
    wire::store_be16(bytes, 4, static_cast<std::uint16_t>(12 + inner.size()));
    bytes[9] = v4 ? 4 : 41;
    return bytes;
  }
  if (tunnel.type == director::TunnelType::IpIp) return {};
  Bytes bytes(4);
  wire::store_be16(bytes, 2, v4 ? 0x0800 : 0x86dd);
  return bytes;
}

Bytes fragment_header(std::uint8_t protocol, std::size_t offset, bool more, std::uint32_t id) {
  Bytes header(8);
  header[0] = protocol;
  wire::store_be16(header, 2, static_cast<std::uint16_t>(offset | (more ? 1 : 0)));
  wire::store_be32(header, 4, id);
  return header;
}

}  // namespace

void set_id(Bytes& packet, std::uint32_t id) {
  if (packet[0] / 16 == 4) {
    wire::store_be16(packet, 4, static_cast<std::uint16_t>(id));
    return finish_header(packet);
  }
  // The label's highest bit is 0x08 of the second byte.
  packet[1] = static_cast<std::uint8_t>((packet[1] & 0xf0) | (id >> 15 << 3 & 0x08));
  wire::store_be16(packet, 2, static_cast<std::uint16_t>(id & 0x7fff));
}

Bytes icmp_error(const IcmpKind& kind, Bytes quoted) {
  quoted.resize(std::max<std::size_t>(quoted.size(), 40));  // there are addresses to read
  const bool v4 = quoted[0] / 16 == 4;
  const IpAddr router = v4 ? IpAddr{Ipv4Addr(192, 0, 2, 77)} : IpAddr{kClient6};
  Bytes packet = header_of(router, address_in(quoted, 12, 8), v4 ? 1 : 58, 8 + quoted.size());
  const std::size_t header = v4 ? 20 : 40;
  packet[header] = kind.type;
  packet[header + 1] = kind.code;
  wire::store_be16(packet, header + 6, kind.mtu);
  std::ranges::copy(quoted, packet.begin() + at(header + 8));
  finish_packet(packet);
  return packet;
}

Bytes wrapped(const IpAddr& source, const IpAddr& destination, const director::TunnelConfig& tunnel,
              const Bytes& inner) {
  const Bytes between = layer(tunnel, inner);
  const bool v4 = inner[0] / 16 == 4;
  const std::uint8_t protocol = tunnel.type == director::TunnelType::Gue   ? 17
                                : tunnel.type == director::TunnelType::Gre ? 47
                                : v4                                       ? 4
                                                                           : 41;
  Bytes packet = header_of(source, destination, protocol, between.size() + inner.size());
  const std::size_t header = packet.size() - between.size() - inner.size();
  std::ranges::copy(between, packet.begin() + at(header));
  std::ranges::copy(inner, packet.begin() + at(header + between.size()));
  return packet;
}

bool may_be_fragmented(const Bytes& packet) {
  if (packet[0] / 16 == 4) return (packet[6] & 0x40) == 0;
  return packet[6] == 6 || packet[6] == 17 || packet[6] == 132;
}

std::vector<Bytes> fragments_of(const Bytes& packet, std::size_t step) {
  const bool v4 = packet[0] / 16 == 4;
  const std::size_t header = v4 ? std::size_t{4} * (packet[0] % 16u) : 40;
  const std::size_t payload = packet.size() - header;
  std::vector<Bytes> fragments;
  for (std::size_t offset = 0; offset < payload; offset += step) {
    const bool more = offset + step < payload;
    const std::size_t length = std::min(step, payload - offset);
    Bytes fragment(packet.begin(), packet.begin() + at(header));
    if (v4) {
      wire::store_be16(fragment, 2, static_cast<std::uint16_t>(header + length));
      wire::store_be16(fragment, 6, static_cast<std::uint16_t>(offset / 8 | (more ? 0x2000u : 0u)));
      finish_header(fragment);
    } else {
      const std::uint32_t id = wire::load_be32(packet, 0) & 0xfffff;
      const Bytes extra = fragment_header(packet[6], offset, more, id);
      fragment[6] = 44;
      wire::store_be16(fragment, 4, static_cast<std::uint16_t>(extra.size() + length));
      fragment.insert(fragment.end(), extra.begin(), extra.end());
    }
    fragment.insert(fragment.end(), packet.begin() + at(header + offset),
                    packet.begin() + at(header + offset + length));
    fragments.push_back(std::move(fragment));
  }
  return fragments;
}

std::uint16_t pseudo_sum(wire::ConstBytes packet) {
  Bytes all = with_pseudo_header(packet);
  all.resize(packet[0] / 16 == 4 ? 16 : 40);
  return static_cast<std::uint16_t>(~reference_checksum(all));
}

void tag(Bytes& frame, std::uint16_t control) {
  const Bytes bytes{0x81, 0, static_cast<std::uint8_t>(control >> 8),
                    static_cast<std::uint8_t>(control)};
  frame.insert(frame.begin() + 12, bytes.begin(), bytes.end());
}

void repair_ipv4(Bytes& frame) {
  if (frame.size() < 34 || wire::load_be16(frame, 12) != 0x0800) return;
  Bytes packet(frame.begin() + 14, frame.end());
  const std::size_t header = std::size_t{4} * (packet[0] % 16u);
  if (packet[0] / 16 != 4 || header < 20 || header > packet.size()) return;
  finish_header(packet);
  std::ranges::copy(packet, frame.begin() + 14);
}

}  // namespace lvs::test
