#include "realserver/decap/inner_packet.h"

#include <array>

#include "net/wire/checksum.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"
#include "net/wire/tunnel.h"

// A packet that never met a wire (veth, a virtual machine's card) may come with a checksum that
// somebody else was to finish: its field then holds the folded sum of the pseudo-header. Inside a
// tunnel nothing says so but the field itself. Whoever gives such a packet to the kernel must say
// it, or TCP throws it away.

namespace lvs::realserver {
namespace {

using profiles::TunnelType;
using wire::ConstBytes;
using wire::MutableBytes;

constexpr std::size_t kIpv6HeaderBytes = 40;

struct Transport {
  std::size_t start = 0;
  Protocol protocol{};
  std::uint64_t pseudo_header = 0;  ///< not folded
};

std::optional<std::size_t> checksum_offset(Protocol protocol) {
  if (protocol == Protocol::Tcp) return wire::transport_field::kTcpChecksum;
  if (protocol == Protocol::Udp) return wire::transport_field::kUdpChecksum;
  return std::nullopt;
}

std::optional<UnfinishedChecksum> unfinished_in(ConstBytes packet, const Transport& transport) {
  const auto offset = checksum_offset(transport.protocol);
  if (!offset || packet.size() < transport.start + *offset + 2) return std::nullopt;
  const ConstBytes segment = packet.subspan(transport.start);
  const std::uint16_t field = wire::load_be16(segment, *offset);
  if (field != wire::fold(transport.pseudo_header)) return std::nullopt;
  if (wire::fold(wire::add_words(segment, transport.pseudo_header)) == 0xffff) return std::nullopt;
  return UnfinishedChecksum{static_cast<std::uint16_t>(transport.start),
                            static_cast<std::uint16_t>(*offset)};
}

std::optional<InnerPacket> ipv4_packet(MutableBytes bytes) {
  const auto ip = wire::Ipv4View::parse(bytes);
  if (!ip) return std::nullopt;
  InnerPacket inner{ip->bytes(), Family::Ipv4, ip->destination(), {}};
  if (ip->is_fragment()) return inner;
  inner.unfinished =
      unfinished_in(inner.bytes, {ip->header_length(), ip->protocol(),
                                  wire::pseudo_header_words(ip->source(), ip->destination(),
                                                            ip->protocol(), ip->payload().size())});
  return inner;
}

Ipv6Addr ipv6_at(ConstBytes bytes, std::size_t at) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = bytes[at + i];
  return Ipv6Addr{octets};
}

/// A packet with extension headers keeps its checksum as it is: senders finish those themselves.
std::optional<InnerPacket> ipv6_packet(MutableBytes bytes) {
  if (bytes.size() < kIpv6HeaderBytes || bytes[0] >> 4 != 6) return std::nullopt;
  const std::size_t payload = wire::load_be16(bytes, 4);
  if (bytes.size() < kIpv6HeaderBytes + payload) return std::nullopt;
  InnerPacket inner{bytes.first(kIpv6HeaderBytes + payload), Family::Ipv6, ipv6_at(bytes, 24), {}};
  const std::uint64_t pseudo_header =
      wire::add_words(bytes.subspan(8, 32), std::uint64_t{payload} + bytes[6]);
  inner.unfinished =
      unfinished_in(inner.bytes, {kIpv6HeaderBytes, Protocol{bytes[6]}, pseudo_header});
  return inner;
}

std::optional<wire::TunnelLayer> layer_in(ConstBytes payload, TunnelType type, Family family) {
  if (type == TunnelType::Ipip) return wire::TunnelLayer{0, family};
  if (payload.size() < wire::kGreMinHeader) return std::nullopt;
  return type == TunnelType::Gre ? wire::gre_layer(payload) : wire::gue_layer(payload);
}

}  // namespace

std::optional<InnerPacket> inner_packet(MutableBytes payload, TunnelType type, Family family) {
  const auto layer = layer_in(payload, type, family);
  if (!layer || payload.size() < layer->size) return std::nullopt;
  const MutableBytes bytes = payload.subspan(layer->size);
  return layer->inner == Family::Ipv4 ? ipv4_packet(bytes) : ipv6_packet(bytes);
}

bool pass_congestion_on(const InnerPacket& packet, wire::Ecn outer) {
  const wire::Ecn before = wire::ecn_of(packet.bytes, packet.family);
  const auto after = wire::ecn_out_of_tunnel(outer, before);
  if (after && *after != before) wire::set_ecn(packet.bytes, packet.family, *after);
  return after.has_value();
}

}  // namespace lvs::realserver
