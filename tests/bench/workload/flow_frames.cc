#include "tests/bench/workload/flow_frames.h"

#include <algorithm>
#include <array>

#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"

namespace lvs::bench {
namespace {

constexpr MacAddr kRouterMac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr MacAddr kDirectorMac{{0x02, 0, 0, 0, 0, 0x02}};
constexpr std::uint16_t kFirstClientPort = 1024;

/// 2001:db8:NETWORK::NUMBER
Ipv6Addr numbered(std::uint8_t network, std::uint32_t number) {
  std::array<std::uint8_t, 16> octets{0x20, 0x01, 0x0d, 0xb8, 0, network};
  wire::store_be32(octets, 12, number);
  return Ipv6Addr{octets};
}

template <typename Addr>
void store_packet(wire::MutableBytes packet, const Addr& source, const Addr& destination,
                  const FlowFrames::Ends& ends) {
  wire::store_ip(packet,
                 wire::IpFields<Addr>{
                     .source = source, .destination = destination, .protocol = Protocol::Tcp});
  const wire::MutableBytes tcp = packet.subspan(wire::kMinIpHeader<Addr>);
  wire::store_be16(tcp, wire::transport_field::kSourcePort, ends.source_port.number);
  wire::store_be16(tcp, wire::transport_field::kDestinationPort, ends.destination_port.number);
  // What the sender's stack left for the card: the pseudo-header's sum alone.
  const auto length = static_cast<std::uint32_t>(tcp.size());
  wire::store_be16(
      tcp, wire::transport_field::kTcpChecksum,
      wire::fold(wire::pseudo_header_words(source, destination, Protocol::Tcp, length)));
}

}  // namespace

IpAddr client_address(Family family, std::uint32_t flow) {
  const std::uint32_t number = flow % kClients + 1;
  if (family == Family::Ipv6) return numbered(1, number);
  return Ipv4Addr{Ipv4Addr(198, 18, 0, 0).number() + number};
}

Port client_port(std::uint32_t flow) {
  return Port{static_cast<std::uint16_t>(kFirstClientPort + flow / kClients)};
}

IpAddr vip_address(Family family, std::uint32_t service) {
  if (family == Family::Ipv6) return numbered(2, service + 1);
  return Ipv4Addr{Ipv4Addr(10, 1, 0, 0).number() + service + 1};
}

IpAddr server_address(Family family, std::uint32_t server) {
  if (family == Family::Ipv6) return numbered(3, server + 1);
  return Ipv4Addr{Ipv4Addr(10, 2, 0, 0).number() + server + 1};
}

FlowFrames::FlowFrames(Family family) : family_(family) {
  const std::size_t ip =
      family == Family::Ipv4 ? wire::kMinIpHeader<Ipv4Addr> : wire::kMinIpHeader<Ipv6Addr>;
  pattern_.resize(wire::kEthernetHeader + ip + wire::transport_field::kTcpMinHeader);
  wire::store_ethernet(pattern_, kDirectorMac, kRouterMac,
                       family == Family::Ipv4 ? wire::EtherType::Ipv4 : wire::EtherType::Ipv6);
  const wire::MutableBytes tcp = wire::MutableBytes{pattern_}.subspan(wire::kEthernetHeader + ip);
  wire::store_be32(tcp, wire::transport_field::kTcpSequence, 1000);
  tcp[wire::transport_field::kTcpOffset] = 0x50;
  wire::store_be16(tcp, wire::transport_field::kTcpWindow, 8192);
}

void FlowFrames::write(std::span<std::uint8_t> frame, const Ends& ends,
                       std::uint8_t tcp_flags) const {
  std::ranges::copy(pattern_, frame.begin());
  const wire::MutableBytes packet = frame.subspan(wire::kEthernetHeader);
  if (family_ == Family::Ipv4) {
    store_packet(packet, ends.source.v4(), ends.destination.v4(), ends);
  } else {
    store_packet(packet, ends.source.v6(), ends.destination.v6(), ends);
  }
  const std::size_t tcp = packet.size() - wire::transport_field::kTcpMinHeader;
  packet[tcp + wire::transport_field::kTcpFlags] = tcp_flags;
}

}  // namespace lvs::bench
