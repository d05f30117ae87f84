#include "director/core/answer.h"

#include <algorithm>

#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"

namespace lvs::director {
namespace {

constexpr std::size_t kLargestError = 576;
constexpr std::size_t kResetPacket =
    wire::ipv4_field::kMinHeader + wire::transport_field::kTcpMinHeader;
constexpr std::size_t kErrorHeaders = wire::ipv4_field::kMinHeader + wire::icmp_field::kHeader;
constexpr std::uint8_t kInternetworkControl = 0xc0;  // precedence of errors: RFC 1812, 4.3.2.5

void store_ethernet_back(const Packet& packet, wire::MutableBytes out) {
  wire::store_ethernet(out, packet.ethernet.source(), packet.ethernet.destination(),
                       wire::EtherType::Ipv4);
}

}  // namespace

bool may_be_answered(const Packet& packet) {
  if (packet.transport.has_flag(wire::tcp_flag::kRst)) return false;
  if (packet.ethernet.source().is_multicast() || packet.ethernet.destination().is_multicast())
    return false;
  return packet.ip.destination().number() >> 28 < 0xe;  // below multicast, reserved, broadcast
}

std::size_t make_reset(const Packet& packet, wire::MutableBytes out) {
  using namespace wire::transport_field;
  store_ethernet_back(packet, out);
  const wire::MutableBytes ip = out.subspan(wire::kEthernetHeader, kResetPacket);
  const wire::MutableBytes tcp = ip.subspan(wire::ipv4_field::kMinHeader);
  std::fill(tcp.begin(), tcp.end(), std::uint8_t{0});
  wire::store_be16(tcp, kSourcePort, packet.transport.destination_port().number);
  wire::store_be16(tcp, kDestinationPort, packet.transport.source_port().number);
  tcp[kTcpOffset] = (kTcpMinHeader / 4) << 4;
  if (packet.transport.has_flag(wire::tcp_flag::kAck)) {
    wire::store_be32(tcp, kTcpSequence, packet.transport.acknowledgement());
    tcp[kTcpFlags] = wire::tcp_flag::kRst;
  } else {
    wire::store_be32(tcp, kTcpAcknowledgement,
                     packet.transport.sequence() + packet.transport.segment_length());
    tcp[kTcpFlags] = wire::tcp_flag::kRst | wire::tcp_flag::kAck;
  }

  const Ipv4Addr from = packet.ip.destination();
  const Ipv4Addr to = packet.ip.source();
  const std::uint64_t words =
      wire::add_words(tcp, wire::pseudo_header_words(from, to, Protocol::Tcp, tcp.size()));
  wire::store_be16(tcp, kTcpChecksum, static_cast<std::uint16_t>(~wire::fold(words)));
  wire::store_ipv4(ip, {.source = from, .destination = to, .protocol = Protocol::Tcp});
  return wire::kEthernetHeader + kResetPacket;
}

std::size_t make_icmp_error(const Packet& packet, const IcmpError& error, wire::MutableBytes out) {
  const wire::ConstBytes about = packet.ip.bytes();
  const std::size_t quoted = std::min(about.size(), kLargestError - kErrorHeaders);
  store_ethernet_back(packet, out);
  const wire::MutableBytes ip = out.subspan(wire::kEthernetHeader, kErrorHeaders + quoted);
  const wire::MutableBytes icmp = ip.subspan(wire::ipv4_field::kMinHeader);
  std::fill_n(icmp.begin(), wire::icmp_field::kHeader, std::uint8_t{0});
  icmp[wire::icmp_field::kType] = static_cast<std::uint8_t>(error.type);
  icmp[wire::icmp_field::kCode] = error.code;
  wire::store_be16(icmp, wire::icmp_field::kNextHopMtu, error.mtu);
  std::copy_n(about.begin(), quoted, icmp.begin() + wire::icmp_field::kHeader);
  wire::store_be16(icmp, wire::icmp_field::kChecksum, wire::checksum_of(icmp));
  wire::store_ipv4(ip, {.source = packet.ip.destination(),
                        .destination = packet.ip.source(),
                        .protocol = Protocol::Icmp,
                        .tos = kInternetworkControl,
                        .dont_fragment = false});
  return wire::kEthernetHeader + ip.size();
}

}  // namespace lvs::director
