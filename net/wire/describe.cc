#include "net/wire/describe.h"

#include <array>
#include <string_view>
#include <utility>

#include "net/wire/addr_text.h"
#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "net/wire/icmp.h"
#include "net/wire/ipv4.h"
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

std::string describe_transport(const ConstIpv4View& ip) {
  const auto transport = ConstTransportView::parse(ip);
  const std::string source = to_string(ip.source());
  const std::string destination = to_string(ip.destination());
  const std::string protocol = to_string(ip.protocol());
  if (!transport) return source + " > " + destination + ' ' + protocol + ", unreadable";
  std::string text = source + ':' + std::to_string(transport->source_port().number) + " > " +
                     destination + ':' + std::to_string(transport->destination_port().number) +
                     ' ' + protocol;
  if (transport->is_tcp())
    text += flag_names(transport->tcp_flags()) + " seq " + std::to_string(transport->sequence()) +
            " ack " + std::to_string(transport->acknowledgement());
  return text + " length " + std::to_string(transport->payload().size());
}

/// What a quoted packet is about; of its transport header the ports are all that must be there.
std::string describe_quoted(const ConstIpv4View& ip) {
  std::string text = to_string(ip.source());
  const ConstBytes payload = ip.payload();
  const bool has_ports = payload.size() >= 4 && !ip.is_later_fragment() &&
                         (ip.protocol() == Protocol::Tcp || ip.protocol() == Protocol::Udp);
  if (has_ports) text += ':' + std::to_string(load_be16(payload, 0));
  text += " > " + to_string(ip.destination());
  if (has_ports) text += ':' + std::to_string(load_be16(payload, 2));
  return text + ' ' + to_string(ip.protocol());
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
      if (icmp.code() == icmp_code::kFragmentationNeeded)
        return "fragmentation needed, mtu " + std::to_string(icmp.next_hop_mtu());
      return "unreachable, code " + std::to_string(icmp.code());
    case IcmpType::SourceQuench:
    case IcmpType::Redirect:
    case IcmpType::ParameterProblem:
      break;
  }
  return "type " + std::to_string(static_cast<unsigned>(icmp.type())) + " code " +
         std::to_string(icmp.code());
}

std::string describe_icmp(const ConstIpv4View& ip) {
  const std::string ends = to_string(ip.source()) + " > " + to_string(ip.destination()) + " icmp ";
  const auto icmp = ConstIcmpView::parse(ip.payload());
  if (!icmp || ip.is_later_fragment()) return ends + "unreadable";
  const auto quoted = icmp->quoted();
  return ends + icmp_name(*icmp) + (quoted ? ", about " + describe_quoted(*quoted) : "");
}

}  // namespace

std::string describe_ipv4(ConstBytes packet) {
  const auto ip = ConstIpv4View::parse(packet);
  if (!ip) return "ipv4, unreadable (" + std::to_string(packet.size()) + " bytes)";
  const std::string fragment = ip->is_fragment() ? "fragment of " : "";
  if (ip->protocol() == Protocol::Icmp) return fragment + describe_icmp(*ip);
  if (ip->is_later_fragment() ||
      (ip->protocol() != Protocol::Tcp && ip->protocol() != Protocol::Udp))
    return fragment + to_string(ip->source()) + " > " + to_string(ip->destination()) + ' ' +
           to_string(ip->protocol()) + " length " + std::to_string(ip->payload().size());
  return fragment + describe_transport(*ip);
}

std::string describe(ConstBytes frame) {
  const auto ethernet = ConstEthernetView::parse(frame);
  if (!ethernet) return "a frame of only " + std::to_string(frame.size()) + " bytes";
  std::string text = to_string(ethernet->source()) + " > " + to_string(ethernet->destination());
  if (ethernet->is_tagged()) text += " vlan " + std::to_string(ethernet->vlan_id());
  text += ": ";
  if (ethernet->type() == EtherType::Arp) return text + describe_arp(ethernet->payload());
  if (ethernet->type() == EtherType::Ipv4) return text + describe_ipv4(ethernet->payload());
  return text + "ethertype " + std::to_string(static_cast<unsigned>(ethernet->type())) +
         ", length " + std::to_string(ethernet->payload().size());
}

}  // namespace lvs::wire
