#include "director/io/service_filter.h"

#include <linux/if_ether.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <tuple>

#include "director/io/filter_code.h"

namespace lvs::director {
namespace {

/// Offsets of a family: the kernel gives packet sockets of type SOCK_RAW the frame from the
/// Ethernet header on.
struct Layout {
  Family family = Family::Ipv4;
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint8_t icmp = 0;
  /// Of what an ICMP error quotes, from the ICMP header on.
  std::uint32_t quoted_destination = 0;
  /// Types and codes, which are where other protocols have a port: of the errors that IPVS follows,
  std::array<PortSpan, 2> errors{};
  /// and of all between them, which is what withholding can say.
  std::array<PortSpan, 1> withheld_errors{};
};
constexpr PortSpan types(std::uint16_t first, std::uint16_t last) {
  return {static_cast<std::uint16_t>(first << 8u),
          static_cast<std::uint16_t>(unsigned{last} << 8u | 0xffu)};
}
constexpr Layout kIpv4{Family::Ipv4,  26, 30, 1, 8 + 16, {types(3, 4), types(11, 11)},
                       {types(3, 11)}};
constexpr Layout kIpv6{Family::Ipv6, 22, 38, 58, 8 + 24, {types(1, 2), types(3, 4)}, {types(1, 4)}};

constexpr std::uint32_t kEthertype = 12, kIpv4Fragment = 20;
constexpr std::uint16_t kMoreFragmentsOrOffset = 0x3fff;
constexpr std::uint8_t kIpv6Fragment = 44;
constexpr std::uint32_t kSourcePort = 0, kDestinationPort = 2;  // of the transport header
constexpr std::array kWithPorts{Protocol::Tcp, Protocol::Udp, Protocol::Sctp};

std::vector<IpAddr> of_family(const std::vector<IpAddr>& all, Family family) {
  std::vector<IpAddr> some;
  std::ranges::copy_if(all, std::back_inserter(some),
                       [&](const IpAddr& each) { return each.family() == family; });
  std::ranges::sort(some);
  some.erase(std::unique(some.begin(), some.end()), some.end());
  return some;
}

FilterCode when_address_is_one(std::uint32_t offset, const std::vector<IpAddr>& addresses,
                               const FilterCode& body) {
  FilterCode code;
  for (const IpAddr& address : addresses) code += when_address(offset, address, body);
  return code;
}

FilterCode when_protocol(std::optional<Protocol> protocol, const FilterCode& body) {
  FilterCode code;
  for (const Protocol each : kWithPorts)
    if (!protocol || *protocol == each)
      code += when_slot(Slot::Protocol, static_cast<std::uint32_t>(each), body);
  return code;
}

/// Services that differ in their ports alone.
bool are_alike(const SelectedService& a, const SelectedService& b) {
  return std::tie(a.destination, a.protocol, a.source) ==
         std::tie(b.destination, b.protocol, b.source);
}

std::vector<PortSpan> spans_of(std::span<const SelectedService> alike) {
  std::vector<PortSpan> spans;
  for (const SelectedService& service : alike) {
    const std::uint16_t first = service.first.number;
    if (!spans.empty() && first <= spans.back().last + 1u) {
      spans.back().last = std::max(spans.back().last, service.last.number);
    } else {
      spans.push_back({first, service.last.number});
    }
  }
  return spans;
}

FilterCode take_services(const Layout& layout, const std::vector<SelectedService>& all) {
  std::vector<SelectedService> services;
  std::ranges::copy_if(all, std::back_inserter(services), [&](const SelectedService& service) {
    return service.family == layout.family;
  });
  std::ranges::sort(services, {}, [](const SelectedService& service) {
    return std::tie(service.destination, service.protocol, service.source, service.first,
                    service.last);
  });
  FilterCode code;
  for (std::span<const SelectedService> rest(services); !rest.empty();) {
    const SelectedService& one = rest.front();
    const auto end = std::ranges::find_if(
        rest, [&](const SelectedService& other) { return !are_alike(one, other); });
    const auto count = static_cast<std::size_t>(end - rest.begin());
    FilterCode taken = when_protocol(
        one.protocol, when_port(kDestinationPort, spans_of(rest.first(count)), accept()));
    if (one.source) taken = when_in(layout.source, *one.source, taken);
    if (one.destination) taken = when_address(layout.destination, *one.destination, taken);
    code += taken;
    rest = rest.subspan(count);
  }
  return code;
}

FilterCode take_replies(const Layout& layout, const std::vector<SelectedServer>& servers) {
  FilterCode code;
  for (const SelectedServer& server : servers) {
    if (server.address.family() != layout.family) continue;
    const std::uint16_t port = server.port.number;
    const std::array span{port == 0 ? PortSpan{0, 0xffff} : PortSpan{port, port}};
    const FilterCode taken =
        when_slot(Slot::Protocol, static_cast<std::uint32_t>(server.protocol),
                  when_port(kSourcePort, span, when_slot(Slot::IsOwn, 0, accept())));
    code += when_address(layout.source, server.address, taken);
  }
  return code;
}

FilterCode take_icmp_errors(const Layout& layout, const std::vector<IpAddr>& servers) {
  FilterCode quoting;
  for (const IpAddr& server : servers)
    quoting += when_address_behind_x(layout.quoted_destination, server, accept());
  FilterCode to_us = when_port(0, layout.errors, accept());
  to_us += reject();
  FilterCode code = when_slot(Slot::IsOwn, 1, to_us);
  code += when_port(0, layout.withheld_errors, quoting);
  return when_slot(Slot::Protocol, layout.icmp, code);
}

FilterCode take_fragments(const Layout& layout, const Selection& selection,
                          const std::vector<IpAddr>& servers) {
  FilterCode code = when_address_is_one(layout.destination,
                                        of_family(selection.fragments_to, layout.family), accept());
  code += when_address_is_one(layout.source, servers, when_slot(Slot::IsOwn, 0, accept()));
  return code += reject();
}

FilterCode take_family(const Layout& layout, const Selection& selection) {
  const std::vector<IpAddr> servers = of_family(selection.server_addresses(), layout.family);
  FilterCode code = store(Slot::IsOwn, 0);
  code += when_address_is_one(layout.destination, of_family(selection.own, layout.family),
                              store(Slot::IsOwn, 1));
  code += find_transport(layout.family);
  const FilterCode fragments = take_fragments(layout, selection, servers);
  code += layout.family == Family::Ipv4
              ? when_any_bit(kIpv4Fragment, kMoreFragmentsOrOffset, fragments)
              : when_slot(Slot::Protocol, kIpv6Fragment, fragments);
  code += take_services(layout, selection.services);
  code += take_replies(layout, selection.servers);
  code += take_icmp_errors(layout, servers);
  return code += reject();
}

bool concerns(const Selection& selection, Family family) {
  return std::ranges::any_of(
             selection.services,
             [&](const SelectedService& service) { return service.family == family; }) ||
         std::ranges::any_of(selection.own, [&](const IpAddr& own) {
           return own.family() == family && !selection.services.empty();
         });
}

}  // namespace

Result<std::vector<sock_filter>> service_filter(const Selection& selection) {
  FilterCode tagged = reject();
  FilterCode code{{BPF_LD | BPF_W | BPF_ABS, 0, 0,
                   static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)},
                  {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0}};
  code += tagged;
  if (concerns(selection, Family::Ipv4))
    code += when_half(kEthertype, ETH_P_IP, take_family(kIpv4, selection));
  if (concerns(selection, Family::Ipv6))
    code += when_half(kEthertype, ETH_P_IPV6, take_family(kIpv6, selection));
  code += reject();
  if (code.size() > BPF_MAXINSNS)
    return fail("the services need " + std::to_string(code.size()) +
                " instructions of a socket filter, the kernel takes " +
                std::to_string(BPF_MAXINSNS) + ": use neighbouring ports or fewer services");
  return code;
}

}  // namespace lvs::director
