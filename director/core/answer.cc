#include "director/core/answer.h"

#include <algorithm>

#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/icmp.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"

namespace lvs::director {
namespace {

struct TypeAndCode {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
};

/// What an error looks like in a family.
template <typename Addr>
struct ErrorForm;
template <>
struct ErrorForm<Ipv4Addr> {
  static constexpr std::size_t kLargest = 576;
  static constexpr TypeAndCode of(IcmpNews news) {
    if (news == IcmpNews::TtlExceeded) return {11, 0};
    return {3, news == IcmpNews::TooBig ? std::uint8_t{4} : std::uint8_t{3}};
  }
};
template <>
struct ErrorForm<Ipv6Addr> {
  static constexpr std::size_t kLargest = 1280;
  static constexpr TypeAndCode of(IcmpNews news) {
    if (news == IcmpNews::TtlExceeded) return {3, 0};
    return news == IcmpNews::TooBig ? TypeAndCode{2, 0} : TypeAndCode{1, 4};
  }
};

template <typename Addr>
void store_ethernet_back(const IpPacket<Addr>& packet, wire::MutableBytes out) {
  wire::store_ethernet(out, packet.ethernet.source(), packet.ethernet.destination(),
                       FamilyTraits<Addr>::kEtherType);
}

bool is_of_many(Ipv4Addr addr) { return addr.number() >> 28 >= 0xe; }  // multicast and above
bool is_of_many(const Ipv6Addr& addr) { return addr.octets()[0] == 0xff; }

/// As a host does: precedence "internetwork control" (RFC 1812, 4.3.2.5), the rest of the type of
/// service like the packet's.
std::uint8_t tos_about(const wire::Ipv4View& ip) {
  constexpr unsigned type_of_service = 0x1e, internetwork_control = 0xc0;
  return static_cast<std::uint8_t>((ip.tos() & type_of_service) | internetwork_control);
}
std::uint8_t tos_about(const wire::Ipv6View& /*ip*/) { return 0; }

void store_header(wire::MutableBytes ip, const IcmpMessage<Ipv4Addr>& message) {
  wire::store_ipv4(ip, {.source = message.from,
                        .destination = message.to,
                        .protocol = Protocol::Icmp,
                        .tos = message.tos,
                        .dont_fragment = false});
}
void store_header(wire::MutableBytes ip, const IcmpMessage<Ipv6Addr>& message) {
  wire::store_ipv6(ip, {.source = message.from,
                        .destination = message.to,
                        .protocol = Protocol::Icmpv6,
                        .tos = message.tos});
}

/// ICMP's own sum has no pseudo-header, ICMPv6's has (RFC 4443, 2.3).
std::uint64_t words_in_front(const wire::Ipv4View& /*ip*/) { return 0; }
std::uint64_t words_in_front(const wire::Ipv6View& ip) {
  return wire::pseudo_header_words(ip.source(), ip.destination(), Protocol::Icmpv6,
                                   ip.payload().size());
}

/// One hop less in the beginning of a packet, which may be cut short.
void count_hop(wire::MutableBytes packet, const wire::Ipv4View& ip) {
  const std::uint16_t before = wire::load_be16(packet, wire::ipv4_field::kTtl);
  const auto after = static_cast<std::uint16_t>(before - 0x0100);
  wire::store_be16(packet, wire::ipv4_field::kTtl, after);
  wire::store_be16(packet, wire::ipv4_field::kChecksum,
                   wire::adjust16(ip.checksum(), before, after));
}
void count_hop(wire::MutableBytes packet, const wire::Ipv6View& /*has no checksum*/) {
  --packet[wire::ipv6_field::kHopLimit];
}

template <typename Addr>
void store_reset_fields(const Packet<Addr>& packet, wire::MutableBytes tcp) {
  using namespace wire::transport_field;
  std::fill(tcp.begin(), tcp.end(), std::uint8_t{0});
  wire::store_be16(tcp, kSourcePort, packet.transport.destination_port().number);
  wire::store_be16(tcp, kDestinationPort, packet.transport.source_port().number);
  tcp[kTcpOffset] = (kTcpMinHeader / 4) << 4;
  if (packet.transport.has_flag(wire::tcp_flag::kAck)) {
    wire::store_be32(tcp, kTcpSequence, packet.transport.acknowledgement());
    tcp[kTcpFlags] = wire::tcp_flag::kRst;
    return;
  }
  wire::store_be32(tcp, kTcpAcknowledgement,
                   packet.transport.sequence() + packet.transport.segment_length());
  tcp[kTcpFlags] = wire::tcp_flag::kRst | wire::tcp_flag::kAck;
}

}  // namespace

template <typename Addr>
bool may_be_answered(const Packet<Addr>& packet) {
  if (packet.transport.has_flag(wire::tcp_flag::kRst)) return false;
  if (packet.ethernet.source().is_multicast() || packet.ethernet.destination().is_multicast())
    return false;
  return !is_of_many(packet.ip.destination());
}

template <typename Addr>
std::size_t make_reset(const Packet<Addr>& packet, wire::MutableBytes out) {
  using namespace wire::transport_field;
  constexpr std::size_t header = wire::kMinIpHeader<Addr>;
  store_ethernet_back<Addr>(packet, out);
  const wire::MutableBytes ip = out.subspan(wire::kEthernetHeader, header + kTcpMinHeader);
  const wire::MutableBytes tcp = ip.subspan(header);
  store_reset_fields(packet, tcp);
  const Addr from = packet.ip.destination();
  const Addr to = packet.ip.source();
  const std::uint64_t words =
      wire::add_words(tcp, wire::pseudo_header_words(from, to, Protocol::Tcp, tcp.size()));
  wire::store_be16(tcp, kTcpChecksum, static_cast<std::uint16_t>(~wire::fold(words)));
  wire::store_ip(
      ip, wire::IpFields<Addr>{.source = from, .destination = to, .protocol = Protocol::Tcp});
  return wire::kEthernetHeader + ip.size();
}

template <typename Addr>
std::size_t icmp_message_length(std::size_t quoted) {
  const std::size_t headers = wire::kMinIpHeader<Addr> + wire::icmp_field::kHeader;
  return std::min(headers + quoted, ErrorForm<Addr>::kLargest);
}

template <typename Addr>
void store_icmp_message(wire::MutableBytes ip, const IcmpMessage<Addr>& message,
                        wire::ConstBytes quoted) {
  const wire::MutableBytes icmp = ip.subspan(wire::kMinIpHeader<Addr>);
  const wire::MutableBytes quote = icmp.subspan(wire::icmp_field::kHeader);
  std::copy_n(quoted.begin(), quote.size(), quote.begin());
  std::fill_n(icmp.begin(), wire::icmp_field::kHeader, std::uint8_t{0});
  icmp[wire::icmp_field::kType] = message.type;
  icmp[wire::icmp_field::kCode] = message.code;
  // The low half of ICMPv6's 32 bits stands where ICMP has its 16.
  wire::store_be16(icmp, wire::icmp_field::kNextHopMtu, message.mtu);
  store_header(ip, message);
  const std::uint64_t words = wire::add_words(icmp, words_in_front(*wire::IpView<Addr>::parse(ip)));
  wire::store_be16(icmp, wire::icmp_field::kChecksum,
                   static_cast<std::uint16_t>(~wire::fold(words)));
}

template <typename Addr>
std::size_t make_icmp_error(const IpPacket<Addr>& packet, const IcmpError<Addr>& error,
                            wire::MutableBytes out) {
  const TypeAndCode form = ErrorForm<Addr>::of(error.news);
  store_ethernet_back(packet, out);
  const wire::MutableBytes ip =
      out.subspan(wire::kEthernetHeader, icmp_message_length<Addr>(packet.ip.bytes().size()));
  const wire::MutableBytes quoted =
      ip.subspan(wire::kMinIpHeader<Addr> + wire::icmp_field::kHeader);
  std::copy_n(packet.ip.bytes().begin(), quoted.size(), quoted.begin());
  if (error.hop_counted) count_hop(quoted, packet.ip);
  store_icmp_message<Addr>(ip,
                           {.type = form.type,
                            .code = form.code,
                            .mtu = error.mtu,
                            .tos = tos_about(packet.ip),
                            .from = error.from,
                            .to = packet.ip.source()},
                           quoted);
  return wire::kEthernetHeader + ip.size();
}

template std::size_t icmp_message_length<Ipv4Addr>(std::size_t);
template std::size_t icmp_message_length<Ipv6Addr>(std::size_t);
template void store_icmp_message(wire::MutableBytes, const IcmpMessage<Ipv4Addr>&,
                                 wire::ConstBytes);
template void store_icmp_message(wire::MutableBytes, const IcmpMessage<Ipv6Addr>&,
                                 wire::ConstBytes);
template bool may_be_answered(const Packet<Ipv4Addr>&);
template bool may_be_answered(const Packet<Ipv6Addr>&);
template std::size_t make_reset(const Packet<Ipv4Addr>&, wire::MutableBytes);
template std::size_t make_reset(const Packet<Ipv6Addr>&, wire::MutableBytes);
template std::size_t make_icmp_error(const IpPacket<Ipv4Addr>&, const IcmpError<Ipv4Addr>&,
                                     wire::MutableBytes);
template std::size_t make_icmp_error(const IpPacket<Ipv6Addr>&, const IcmpError<Ipv6Addr>&,
                                     wire::MutableBytes);

}  // namespace lvs::director
