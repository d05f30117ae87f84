#include "tests/lab/flows/packet.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "tests/support/reference_sums.h"

namespace lvs::test {
namespace {

using View = std::span<const std::uint8_t>;

std::string address_text(View bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, bytes.data(), text.data(), text.size());
}

std::string last_byte(View mac) {
  constexpr const char* kDigits = "0123456789abcdef";
  return {kDigits[mac[5] >> 4], kDigits[mac[5] & 15]};
}

void cut_to(IpPacket& packet, View bytes, std::size_t length) {
  packet.is_cut = length > bytes.size();
  const View own = bytes.first(std::min(length, bytes.size()));
  packet.bytes.assign(own.begin(), own.end());
}

std::optional<IpPacket> read_ipv4(View bytes) {
  const std::size_t header = std::size_t{4} * (bytes[0] & 15u);
  if (bytes.size() < header || header < 20) return std::nullopt;
  IpPacket packet;
  cut_to(packet, bytes, be16(bytes, 2));
  packet.source = address_text(bytes.subspan(12, 4));
  packet.destination = address_text(bytes.subspan(16, 4));
  packet.tos = bytes[1];
  packet.ttl = bytes[8];
  packet.dont_fragment = (bytes[6] & 0x40) != 0;
  packet.more_fragments = (bytes[6] & 0x20) != 0;
  packet.offset_bytes = 8u * (be16(bytes, 6) & 0x1fffu);
  packet.id = be16(bytes, 4);
  packet.protocol = bytes[9];
  packet.payload_at = header;
  return packet;
}

std::optional<IpPacket> read_ipv6(View bytes) {
  if (bytes.size() < 40) return std::nullopt;
  IpPacket packet;
  packet.version = 6;
  cut_to(packet, bytes, 40u + be16(bytes, 4));
  packet.source = address_text(bytes.subspan(8, 16));
  packet.destination = address_text(bytes.subspan(24, 16));
  packet.tos = be16(bytes, 0) >> 4 & 0xffu;
  packet.flow_label = be32(bytes, 0) & 0xfffffu;
  packet.ttl = bytes[7];
  packet.protocol = bytes[6];
  packet.payload_at = 40;
  if (packet.protocol == 44 && bytes.size() >= 48) {  // fragments: these hosts send no other header
    packet.protocol = bytes[40];
    packet.offset_bytes = be16(bytes, 42) & 0xfff8u;
    packet.more_fragments = (bytes[43] & 1) != 0;
    packet.id = be32(bytes, 44);
    packet.payload_at = 48;
  }
  return packet;
}

/// GRE as IPVS makes it (RFC 2784): flags and version 0, then the checksum where its bit is set.
std::optional<Carried> read_gre(View payload) {
  if (payload.size() < 4) return std::nullopt;
  const bool summed = (payload[0] & 0x80) != 0;
  auto inner = read_ip(payload.subspan(std::min<std::size_t>(payload.size(), summed ? 8 : 4)));
  if (!inner) return std::nullopt;
  const bool right = reference_checksum({payload.begin(), payload.end()}) == 0;
  return Carried{"gre flags " + std::to_string(be16(payload, 0)) + " type " +
                     std::to_string(be16(payload, 2)) + (summed && !right ? " WRONG SUM" : ""),
                 *std::move(inner)};
}

/// GUE (draft-ietf-intarea-gue): 4 bytes, and as many more as its length field says.
std::optional<Carried> read_gue(View payload) {
  if (payload.size() < 12) return std::nullopt;
  const std::size_t header = 12 + 4 * std::size_t{payload[8] & 31u};
  if (payload.size() < header) return std::nullopt;
  auto inner = read_ip(payload.subspan(header));
  if (!inner) return std::nullopt;
  return Carried{"gue to " + std::to_string(be16(payload, 2)) +
                     (be16(payload, 6) != 0 ? " summed" : " no sum") + " head " +
                     std::to_string(be16(payload, 8)) + " flags " +
                     std::to_string(be16(payload, 10)),
                 *std::move(inner)};
}

}  // namespace

std::uint16_t be16(View bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
std::uint32_t be32(View bytes, std::size_t at) {
  return std::uint32_t{be16(bytes, at)} << 16 | be16(bytes, at + 2);
}

std::optional<IpPacket> read_ip(View bytes) {
  if (bytes.size() < 20) return std::nullopt;
  if (bytes[0] >> 4 == 4) return read_ipv4(bytes);
  if (bytes[0] >> 4 == 6) return read_ipv6(bytes);
  return std::nullopt;
}

Packet read_frame(View frame) {
  Packet packet;
  if (frame.size() < 14) return packet;
  packet.to_mac = last_byte(frame.first(6));
  packet.from_mac = last_byte(frame.subspan(6, 6));
  const View rest = frame.subspan(14);
  const unsigned type = be16(frame, 12);
  if (type == 0x0800 || type == 0x86dd) packet.ip = read_ip(rest);
  if (type == 0x0806 && rest.size() >= 28) {
    const std::string sender = address_text(rest.subspan(14, 4));
    packet.arp = be16(rest, 6) == 1
                     ? "request " + sender + " asks for " + address_text(rest.subspan(24, 4))
                     : "reply " + sender;
  }
  return packet;
}

std::optional<Carried> read_tunnel(const IpPacket& outer) {
  if (outer.offset_bytes != 0) return std::nullopt;
  const View payload = outer.payload();
  if (outer.protocol == protocol::kIpip || outer.protocol == protocol::kIpv6) {
    auto inner = read_ip(payload);
    if (!inner) return std::nullopt;
    return Carried{"ipip", *std::move(inner)};
  }
  if (outer.protocol == protocol::kGre) return read_gre(payload);
  if (outer.protocol == protocol::kUdp && payload.size() > 8 && be16(payload, 2) == kGuePort)
    return read_gue(payload);
  return std::nullopt;
}

std::optional<IpPacket> read_quoted(const IpPacket& packet) {
  const View payload = packet.payload();
  if (packet.is_fragment() || payload.size() < 8) return std::nullopt;
  const unsigned type = payload[0];
  const bool is_error = packet.protocol == protocol::kIcmp
                            ? type == 3 || type == 4 || type == 11 || type == 12
                            : packet.protocol == protocol::kIcmpv6 && type < 128;
  return is_error ? read_ip(payload.subspan(8)) : std::nullopt;
}

IpPacket innermost(const IpPacket& packet) {
  auto carried = read_tunnel(packet);
  return carried ? std::move(carried->inner) : packet;
}

}  // namespace lvs::test
