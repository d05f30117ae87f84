#include "director/simulate/frames.h"

#include "director/core/packet.h"
#include "director/core/service_check.h"
#include "director/simulate/scenario.h"
#include "net/wire/addr_text.h"
#include "net/wire/finish.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"

namespace lvs::director::simulate {
namespace {

template <typename Addr>
void store_packet(wire::MutableBytes frame, const ClientFlow& flow, Addr client, Addr vip) {
  wire::store_ethernet(frame, kDirectorMac, kRouterMac, FamilyTraits<Addr>::kEtherType);
  const wire::MutableBytes ip = frame.subspan(wire::kEthernetHeader);
  wire::store_ip(
      ip, wire::IpFields<Addr>{.source = client, .destination = vip, .protocol = flow.protocol});
  wire::finish_transport(*wire::IpView<Addr>::parse(ip));
}

void store_transport(wire::MutableBytes transport, const ClientFlow& flow, std::uint8_t flags) {
  using namespace wire::transport_field;
  constexpr std::uint32_t kSequence = 1000, kAcknowledgement = 2000;
  wire::store_be16(transport, kSourcePort, flow.client_port.number);
  wire::store_be16(transport, kDestinationPort, flow.vip_port.number);
  if (flow.protocol == Protocol::Udp) {
    wire::store_be16(transport, kUdpLength, kUdpHeader);
    return;
  }
  wire::store_be32(transport, kTcpSequence, kSequence);
  if ((flags & wire::tcp_flag::kAck) != 0)
    wire::store_be32(transport, kTcpAcknowledgement, kAcknowledgement);
  transport[kTcpOffset] = (kTcpMinHeader / 4) << 4;
  transport[kTcpFlags] = flags;
  wire::store_be16(transport, kTcpWindow, 8192);
}

/// Calls `see` with the view of the packet behind the outer headers; not at all for what is none.
template <typename See>
void with_packet(wire::ConstBytes frame, std::size_t outer_length, See see) {
  const auto ethernet = wire::ConstEthernetView::parse(frame);
  if (!ethernet || ethernet->payload().size() < outer_length) return;
  const wire::ConstBytes packet = ethernet->payload().subspan(outer_length);
  if (const auto ip4 = wire::ConstIpv4View::parse(packet)) return see(*ip4);
  if (const auto ip6 = wire::ConstIpv6View::parse(packet)) return see(*ip6);
}

template <typename Ip>
std::string text_of_packet(const Ip& ip) {
  if (ip.protocol() == Ip::kIcmp)
    return std::string{Ip::kFamily == Family::Ipv4 ? "icmp " : "icmp6 "} + to_string(ip.source()) +
           " > " + to_string(ip.destination()) + " type " + std::to_string(ip.payload()[0]) +
           " code " + std::to_string(ip.payload()[1]);
  const auto transport = wire::ConstTransportView::parse(ip);
  if (!transport) return to_string(ip.protocol());
  const std::string text = to_string(ip.protocol()) + ' ' +
                           text_of(IpAddr{ip.source()}, transport->source_port()) + " > " +
                           text_of(IpAddr{ip.destination()}, transport->destination_port());
  return transport->is_tcp() ? text + ' ' + flag_text(transport->tcp_flags()) : text;
}

}  // namespace

std::vector<std::uint8_t> make_frame(const ClientFlow& flow, std::uint8_t tcp_flags,
                                     std::size_t headroom) {
  using namespace wire::transport_field;
  const bool is_v4 = flow.vip.is_v4();
  const std::size_t header = is_v4 ? wire::kMinIpHeader<Ipv4Addr> : wire::kMinIpHeader<Ipv6Addr>;
  const std::size_t transport = flow.protocol == Protocol::Udp ? kUdpHeader : kTcpMinHeader;
  std::vector<std::uint8_t> bytes(headroom + wire::kEthernetHeader + header + transport);
  const wire::MutableBytes frame = wire::MutableBytes{bytes}.subspan(headroom);
  store_transport(frame.last(transport), flow, tcp_flags);
  if (is_v4) {
    store_packet(frame, flow, flow.client.v4(), flow.vip.v4());
  } else {
    store_packet(frame, flow, flow.client.v6(), flow.vip.v6());
  }
  return bytes;
}

std::string packet_text(wire::ConstBytes frame, std::size_t outer_length) {
  std::string text;
  with_packet(frame, outer_length, [&text](const auto& ip) { text = text_of_packet(ip); });
  return text;
}

Port destination_port_of(wire::ConstBytes frame, std::size_t outer_length) {
  Port port;
  with_packet(frame, outer_length, [&port](const auto& ip) {
    if (const auto transport = wire::ConstTransportView::parse(ip))
      port = transport->destination_port();
  });
  return port;
}

}  // namespace lvs::director::simulate
