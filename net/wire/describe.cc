#include "net/wire/describe.h"

#include <array>
#include <concepts>
#include <string_view>
#include <utility>

#include "net/wire/addr_text.h"
#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "net/wire/icmp.h"
#include "net/wire/icmpv6.h"
#include "net/wire/ip.h"
#include "net/wire/ports.h"
#include "net/wire/transport.h"

namespace lvs::wire {
namespace {

std::string describe_arp(ConstBytes payload) {
  const auto arp = ConstArpView::parse(payload);
  if (!arp) return "arp, unreadable";
  const std::string sender = to_string(arp->sender_ip());
  switch (arp->operation()) {
    case ArpOperation::Request:
      return "arp who has " + to_string(arp->target_ip()) + ", tell " + sender;
    case ArpOperation::Reply:
      return "arp " + sender + " is at " + to_string(arp->sender_mac());
  }
  return "arp operation " + std::to_string(static_cast<unsigned>(arp->operation()));
}

constexpr std::array<std::pair<std::uint8_t, std::string_view>, 6> kFlagNames{{
    {tcp_flag::kSyn, " syn"},
    {tcp_flag::kFin, " fin"},
    {tcp_flag::kRst, " rst"},
    {tcp_flag::kPsh, " psh"},
    {tcp_flag::kAck, " ack"},
    {tcp_flag::kUrg, " urg"},
}};

std::string flag_names(std::uint8_t flags) {
  std::string text;
  for (const auto& [flag, name] : kFlagNames)
    if ((flags & flag) != 0) text += name;
  return text.empty() ? " no flags," : text + ',';
}

/// "192.0.2.1:80" or "[2001:db8::1]:80".
template <typename Addr>
std::string endpoint(const Addr& address, Port port) {
  const std::string text = to_string(address);
  const std::string number = ':' + std::to_string(port.number);
  return std::same_as<Addr, Ipv4Addr> ? text + number : '[' + text + ']' + number;
}

std::string chunk_name(std::uint8_t type) {
  switch (type) {
    case sctp_chunk::kData:
      return " data";
    case sctp_chunk::kInit:
      return " init";
    case sctp_chunk::kInitAck:
      return " init-ack";
    case sctp_chunk::kAbort:
      return " abort";
    case sctp_chunk::kCookieEcho:
      return " cookie-echo";
    case sctp_chunk::kCookieAck:
      return " cookie-ack";
    default:
      return " chunk " + std::to_string(type);
  }
}

template <AnyIpView Ip>
std::string describe_transport(const Ip& ip) {
  const auto transport = ConstTransportView::parse(ip);
  const std::string protocol = ' ' + to_string(ip.protocol());
  if (!transport)
    return to_string(ip.source()) + " > " + to_string(ip.destination()) + protocol + ", unreadable";
  std::string text = endpoint(ip.source(), transport->source_port()) + " > " +
                     endpoint(ip.destination(), transport->destination_port()) + protocol;
  if (transport->is_tcp())
    text += flag_names(transport->tcp_flags()) + " seq " + std::to_string(transport->sequence()) +
            " ack " + std::to_string(transport->acknowledgement());
  if (const auto chunk = transport->first_chunk_type()) text += chunk_name(*chunk);
  return text + " length " + std::to_string(transport->payload().size());
}

/// What a quoted packet is about; of its transport header the ports are all that must be there.
template <AnyIpView Ip>
std::string describe_quoted(const Ip& ip) {
  const std::string protocol = ' ' + to_string(ip.protocol());
  const auto ports = find_ports(ip);
  if (!ports) return to_string(ip.source()) + " > " + to_string(ip.destination()) + protocol;
  return endpoint(ip.source(), ports->source) + " > " +
         endpoint(ip.destination(), ports->destination) + protocol;
}

std::string number_of(unsigned type, unsigned code) {
  return "type " + std::to_string(type) + " code " + std::to_string(code);
}

std::string icmp_name(const ConstIcmpView& icmp) {
  switch (icmp.type()) {
    case IcmpType::Echo:
      return "echo request";
    case IcmpType::EchoReply:
      return "echo reply";
    case IcmpType::TimeExceeded:
      return "time exceeded";
    case IcmpType::Unreachable:
      if (icmp.code() == icmp_code::kPortUnreachable) return "port unreachable";
      if (icmp.is_too_big())
        return "fragmentation needed, mtu " + std::to_string(icmp.next_hop_mtu());
      return "unreachable, code " + std::to_string(icmp.code());
    case IcmpType::SourceQuench:
    case IcmpType::Redirect:
    case IcmpType::ParameterProblem:
      break;
  }
  return number_of(static_cast<unsigned>(icmp.type()), icmp.code());
}

std::string icmp_name(const ConstIcmpv6View& icmp) {
  switch (icmp.type()) {
    case Icmpv6Type::Echo:
      return "echo request";
    case Icmpv6Type::EchoReply:
      return "echo reply";
    case Icmpv6Type::TimeExceeded:
      return "time exceeded";
    case Icmpv6Type::PacketTooBig:
      return "packet too big, mtu " + std::to_string(icmp.next_hop_mtu());
    case Icmpv6Type::Unreachable:
      if (icmp.code() == icmpv6_code::kPortUnreachable) return "port unreachable";
      return "unreachable, code " + std::to_string(icmp.code());
    case Icmpv6Type::ParameterProblem:
    case Icmpv6Type::Redirect:
      break;
  }
  return number_of(static_cast<unsigned>(icmp.type()), icmp.code());
}

template <AnyIpView Ip>
std::string describe_icmp(const Ip& ip) {
  const std::string ends = to_string(ip.source()) + " > " + to_string(ip.destination()) + ' ' +
                           to_string(Ip::kIcmp) + ' ';
  const auto icmp = BasicIcmpViewOf<typename Ip::Addr, const std::uint8_t>::parse(ip.payload());
  if (!icmp || ip.is_later_fragment()) return ends + "unreadable";
  const auto quoted = icmp->quoted();
  return ends + icmp_name(*icmp) + (quoted ? ", about " + describe_quoted(*quoted) : "");
}

template <AnyIpView Ip>
std::string describe_ip(const Ip& ip) {
  const std::string fragment = ip.is_fragment() ? "fragment of " : "";
  if (ip.protocol() == Ip::kIcmp) return fragment + describe_icmp(ip);
  if (ip.is_later_fragment() || !is_transport(ip.protocol()))
    return fragment + to_string(ip.source()) + " > " + to_string(ip.destination()) + ' ' +
           to_string(ip.protocol()) + " length " + std::to_string(ip.payload().size());
  return fragment + describe_transport(ip);
}

std::string unreadable(std::string_view family, ConstBytes packet) {
  return std::string(family) + ", unreadable (" + std::to_string(packet.size()) + " bytes)";
}

}  // namespace

std::string describe_ipv4(ConstBytes packet) {
  const auto ip = ConstIpv4View::parse(packet);
  return ip ? describe_ip(*ip) : unreadable("ipv4", packet);
}

std::string describe_ipv6(ConstBytes packet) {
  const auto ip = ConstIpv6View::parse(packet);
  return ip ? describe_ip(*ip) : unreadable("ipv6", packet);
}

std::string describe(ConstBytes frame) {
  const auto ethernet = ConstEthernetView::parse(frame);
  if (!ethernet) return "a frame of only " + std::to_string(frame.size()) + " bytes";
  std::string text = to_string(ethernet->source()) + " > " + to_string(ethernet->destination());
  if (ethernet->is_tagged()) text += " vlan " + std::to_string(ethernet->vlan_id());
  text += ": ";
  if (ethernet->type() == EtherType::Arp) return text + describe_arp(ethernet->payload());
  if (ethernet->type() == EtherType::Ipv4) return text + describe_ipv4(ethernet->payload());
  if (ethernet->type() == EtherType::Ipv6) return text + describe_ipv6(ethernet->payload());
  return text + "ethertype " + std::to_string(static_cast<unsigned>(ethernet->type())) +
         ", length " + std::to_string(ethernet->payload().size());
}

}  // namespace lvs::wire
