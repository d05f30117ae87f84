#include "profiles/io/firewall/tunnel_frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/ipv4.h"
#include "profiles/core/objects/filter.h"

namespace lvs::profiles {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kUdpHeader = 8;
constexpr std::uint8_t kHops = 64;
/// Any port: GUE's source port only spreads flows over paths.
constexpr std::uint16_t kSourcePort = 49152;

Bytes octets(const IpAddr& addr) { return range_of(Prefix{addr, addr.bits()}).first; }

Bytes behind(Bytes header, const Bytes& payload) {
  header.insert(header.end(), payload.begin(), payload.end());
  return header;
}

Bytes in_ip(const IpAddr& from, const IpAddr& to, std::uint8_t protocol, const Bytes& payload) {
  if (from.is_v4()) {
    Bytes packet = behind(Bytes(wire::ipv4_field::kMinHeader), payload);
    wire::store_ipv4(packet, {.source = from.v4(),
                              .destination = to.v4(),
                              .protocol = Protocol{protocol},
                              .ttl = kHops});
    return packet;
  }
  Bytes header{0x60, 0, 0, 0, 0, 0, protocol, kHops};
  wire::store_be16(header, 4, static_cast<std::uint16_t>(payload.size()));
  return behind(behind(behind(header, octets(from)), octets(to)), payload);
}

Bytes in_udp(const IpAddr& from, const IpAddr& to, Port port, const Bytes& payload) {
  Bytes datagram = behind(Bytes(kUdpHeader), payload);
  wire::store_be16(datagram, 0, kSourcePort);
  wire::store_be16(datagram, 2, port.number);
  wire::store_be16(datagram, 4, static_cast<std::uint16_t>(datagram.size()));
  std::uint64_t sum = IPPROTO_UDP + datagram.size();
  sum = wire::add_words(octets(from), sum);
  sum = wire::add_words(octets(to), sum);
  const auto checksum = static_cast<std::uint16_t>(~wire::fold(wire::add_words(datagram, sum)));
  wire::store_be16(datagram, 6, checksum == 0 ? std::uint16_t{0xffff} : checksum);  // RFC 768
  return datagram;
}

}  // namespace

std::uint8_t outer_protocol(TunnelType type, Family inner) {
  if (type == TunnelType::Gue) return IPPROTO_UDP;
  if (type == TunnelType::Gre) return IPPROTO_GRE;
  return inner == Family::Ipv4 ? std::uint8_t{IPPROTO_IPIP} : std::uint8_t{IPPROTO_IPV6};
}

std::vector<std::uint8_t> bytes_of(const TunnelFrame& frame) {
  Bytes packet = in_ip(frame.inner_source, frame.vip, IPPROTO_UDP,
                       in_udp(frame.inner_source, frame.vip, frame.port, frame.payload));
  const bool is_v4 = frame.vip.is_v4();
  if (frame.target.type == TunnelType::Gre) {
    packet = behind(is_v4 ? Bytes{0, 0, 0x08, 0x00} : Bytes{0, 0, 0x86, 0xdd}, packet);
  } else if (frame.target.type == TunnelType::Gue) {
    const std::uint8_t inner = outer_protocol(TunnelType::Ipip, frame.vip.family());
    packet = in_udp(frame.director, frame.target.outer, frame.target.port,
                    behind({0, inner, 0, 0}, packet));
  }
  packet = in_ip(frame.director, frame.target.outer,
                 outer_protocol(frame.target.type, frame.vip.family()), packet);
  Bytes ethernet(wire::kEthernetHeader);
  wire::store_mac(ethernet, 0, frame.to);
  wire::store_mac(ethernet, 6, frame.from);
  wire::store_be16(ethernet, 12, frame.director.is_v4() ? ETH_P_IP : ETH_P_IPV6);
  return behind(ethernet, packet);
}

}  // namespace lvs::profiles
