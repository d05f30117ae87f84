#include "director/io/filter/service_filter.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "director/io/filter/code.h"
#include "director/io/filter/layout.h"
#include "director/io/filter/search.h"

// The exact program asks by halves where a packet is going, then, when that is no address of ours,
// where it comes from. Addresses that take the same ports share what is done with them: a thousand
// VIPs with the same services are as many comparisons' worth of instructions and one list of ports.

namespace lvs::director {
namespace {

/// Ports of one protocol.
using Ports = std::map<Protocol, std::vector<PortSpan>>;

/// In ascending order, without overlaps; neighbours are one.
void merge(std::vector<PortSpan>& spans) {
  std::ranges::sort(spans);
  std::vector<PortSpan> merged;
  for (const PortSpan& span : spans) {
    if (!merged.empty() && span.first <= merged.back().last + 1u) {
      merged.back().last = std::max(merged.back().last, span.last);
    } else {
      merged.push_back(span);
    }
  }
  spans = std::move(merged);
}
void merge(Ports& ports) {
  for (auto& [protocol, spans] : ports) merge(spans);
}

PortSpan span_of(const SelectedService& service) {
  return {service.first.number, service.last.number};
}

/// What becomes of packets to one address.
struct AtDestination {
  bool is_own = false;
  bool takes_fragments = false;
  Ports ports;                        ///< from anywhere
  std::vector<SelectedService> from;  ///< from some sources only; without their destination
  friend auto operator<=>(const AtDestination&, const AtDestination&) = default;
};

/// What becomes of what one nat server sends to others than this host.
struct AtSource {
  Ports ports;
  Ports ports_to_us;  ///< of frames that were sent to this link's own MAC
  friend auto operator<=>(const AtSource&, const AtSource&) = default;
};

/// One server's, from whichever of its ports.
bool is_of_one_server(const SelectedService& service) {
  return service.is_reply && !service.destination && service.protocol && service.source &&
         service.source->length == service.source->addr.bits();
}

/// The part of a selection that one family's program is made of.
struct FamilyParts {
  std::map<IpAddr, AtDestination> destinations;
  std::map<IpAddr, AtSource> sources;
  std::vector<SelectedService> others;  ///< without a destination
};

void take_service(FamilyParts& parts, SelectedService service) {
  if (is_of_one_server(service)) {
    parts.sources[service.source->addr].ports_to_us[*service.protocol].push_back(span_of(service));
    return;
  }
  if (!service.destination) return parts.others.push_back(std::move(service));
  AtDestination& at = parts.destinations[*std::exchange(service.destination, {})];
  if (service.source || service.is_reply || !service.protocol) {
    at.from.push_back(std::move(service));
  } else {
    at.ports[*service.protocol].push_back(span_of(service));
  }
}

void take_services(FamilyParts& parts, const Selection& selection, Family family,
                   const std::string& link) {
  for (SelectedService service : selection.services) {
    if (service.family != family || (!service.link.empty() && service.link != link)) continue;
    service.link.clear();
    take_service(parts, std::move(service));
  }
}

void take_servers(FamilyParts& parts, const Selection& selection, Family family) {
  for (const IpAddr& server : selection.server_addresses())
    if (server.family() == family) parts.sources.try_emplace(server);
  for (const SelectedServer& server : selection.servers)
    if (server.address.family() == family)
      parts.sources[server.address].ports[server.protocol].push_back(
          {server.port.number, server.port.number});
}

FamilyParts parts_of(const Selection& selection, Family family, const std::string& link) {
  FamilyParts parts;
  take_services(parts, selection, family, link);
  take_servers(parts, selection, family);
  for (const IpAddr& address : selection.fragments_to)
    if (address.family() == family) parts.destinations[address].takes_fragments = true;
  for (const IpAddr& address : selection.own)
    if (address.family() == family) parts.destinations[address].is_own = true;
  for (auto& [address, at] : parts.destinations) merge(at.ports);
  for (auto& [address, at] : parts.sources) {
    merge(at.ports);
    merge(at.ports_to_us);
  }
  return parts;
}

class FamilyProgram {
 public:
  FamilyProgram(FilterAssembler& out, const FilterLayout& layout, FilterLabel accept,
                FilterLabel reject)
      : out_(out), layout_(layout), accept_(accept), reject_(reject) {}

  void write(const FamilyParts& parts) {
    find_packet(out_, layout_);
    search({layout_.destination}, parts.destinations, strangers_,
           [this](const AtDestination& at) { write_destination(at); });
    out_.put(strangers_);
    for (const SelectedService& service : parts.others) write_other(service, true);
    search({layout_.source}, parts.sources, unknown_,
           [this](const AtSource& at) { write_source(at); });
    out_.put(unknown_);
    load_protocol();
    out_.branch(BPF_JEQ, layout_.icmp, errors_, reject_);
    write_errors(parts);
  }

 private:
  /// Addresses that are treated alike share one piece.
  template <typename At, typename Write>
  void search(const AddressPlace& place, const std::map<IpAddr, At>& all, FilterLabel miss,
              const Write& write) {
    std::map<At, FilterLabel> pieces;
    std::vector<AddressTarget> targets;
    for (const auto& [address, at] : all) {
      const auto known = pieces.find(at);
      const FilterLabel label = known != pieces.end() ? known->second : out_.make_label();
      pieces.emplace(at, label);
      targets.push_back({address, label});
    }
    search_address(out_, place, std::move(targets), miss);
    for (const auto& [at, label] : pieces) {
      out_.put(label);
      write(at);
    }
  }

  void load_protocol() { out_.add(BPF_LD | BPF_MEM, static_cast<std::uint32_t>(Slot::Protocol)); }

  /// What is meant for an address of our own and for no service is the host's, but for errors.
  void write_destination(const AtDestination& at) {
    const FilterLabel rest = at.is_own ? reject_ : strangers_;
    load_protocol();
    out_.when(BPF_JEQ, kFragment, at.takes_fragments ? accept_ : rest);
    out_.when(BPF_JEQ, layout_.icmp, at.is_own ? errors_to_own_ : rest);
    for (const SelectedService& service : at.from) write_other(service, false);
    if (!at.from.empty()) load_protocol();
    write_ports(kDestinationPort, at.ports, rest);
  }

  void write_source(const AtSource& at) {
    load_protocol();
    out_.when(BPF_JEQ, kFragment, accept_);
    out_.when(BPF_JEQ, layout_.icmp, errors_);
    if (at.ports_to_us.empty()) return write_ports(kSourcePort, at.ports, reject_);
    const FilterLabel to_us = out_.make_label();
    write_ports(kSourcePort, at.ports, to_us);
    out_.put(to_us);
    const FilterLabel is_to_us = out_.make_label();
    out_.add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE));
    out_.branch(BPF_JEQ, PACKET_HOST, is_to_us, reject_);
    out_.put(is_to_us);
    load_protocol();
    write_ports(kSourcePort, at.ports_to_us, reject_);
  }

  /// With the protocol in the accumulator.
  void write_ports(std::uint32_t offset, const Ports& ports, FilterLabel miss) {
    std::vector<std::pair<FilterLabel, const std::vector<PortSpan>*>> lists;
    for (const auto& [protocol, spans] : ports) {
      lists.emplace_back(out_.make_label(), &spans);
      out_.when(BPF_JEQ, static_cast<std::uint32_t>(protocol), lists.back().first);
    }
    out_.jump(miss);
    for (const auto& [label, spans] : lists) {
      out_.put(label);
      search_ports(out_, offset, *spans, accept_, miss);
    }
  }

  /// Accepts, or goes on behind it. Without a destination only what was sent to our own MAC.
  void write_other(const SelectedService& service, bool to_us_alone) {
    const std::array span{span_of(service)};
    FilterCode code = accept();
    if (service.protocol)
      code = when_port(service.is_reply ? kSourcePort : kDestinationPort, span, code);
    code = when_slot(Slot::Protocol,
                     service.protocol ? static_cast<std::uint32_t>(*service.protocol) : kFragment,
                     code);
    if (to_us_alone) code = when_sent_to_us(code);
    if (service.source) code = when_in(layout_.source, *service.source, code);
    out_.add(code);
  }

  void write_errors(const FamilyParts& parts) {
    std::vector<AddressTarget> servers;
    for (const auto& [address, at] : parts.sources) servers.push_back({address, accept_});
    const FilterLabel is_error = out_.make_label();
    out_.put(errors_);
    search_ports(out_, 0, layout_.withheld_errors, is_error, reject_);
    out_.put(is_error);
    search_address(out_, {layout_.quoted_destination, true}, std::move(servers), reject_);
    out_.put(errors_to_own_);
    search_ports(out_, 0, layout_.errors, accept_, reject_);
  }

  FilterAssembler& out_;
  const FilterLayout& layout_;
  FilterLabel accept_;
  FilterLabel reject_;
  FilterLabel strangers_ = out_.make_label();  // the destination is none of ours
  FilterLabel unknown_ = out_.make_label();    // nor is the source a nat server
  FilterLabel errors_ = out_.make_label();
  FilterLabel errors_to_own_ = out_.make_label();
};

/// Every packet to a VIP, from a nat server, and every ICMP error.
void write_roughly(FilterAssembler& out, const FilterLayout& layout, const FamilyParts& parts,
                   std::size_t most, const SearchEnds& ends) {
  if (!parts.others.empty()) return out.jump(ends.found);
  std::vector<IpAddr> vips;
  for (const auto& [address, at] : parts.destinations)
    if (at.takes_fragments || !at.ports.empty() || !at.from.empty()) vips.push_back(address);
  std::vector<IpAddr> servers;
  for (const auto& [address, at] : parts.sources) servers.push_back(address);
  const FilterLabel icmp = out.make_label();
  const FilterLabel addresses = out.make_label();
  const FilterLabel sources = out.make_label();
  find_packet(out, layout);
  out.add(BPF_LD | BPF_MEM, static_cast<std::uint32_t>(Slot::Protocol));
  out.branch(BPF_JEQ, layout.icmp, icmp, addresses);
  out.put(icmp);
  search_ports(out, 0, layout.withheld_errors, ends.found, ends.miss);
  out.put(addresses);
  search_roughly(out, {layout.destination}, vips, most, {ends.found, sources});
  out.put(sources);
  search_roughly(out, {layout.source}, servers, most, ends);
}

bool concerns(const Selection& selection, Family family) {
  const auto is_of_family = [&](const auto& each) { return each.family == family; };
  return std::ranges::any_of(selection.services, is_of_family) ||
         (!selection.services.empty() && std::ranges::any_of(selection.own, [&](const IpAddr& own) {
           return own.family() == family;
         }));
}

}  // namespace

std::vector<sock_filter> exact_filter(const Selection& selection, const std::string& link) {
  return filter_of_families([&](FilterAssembler& out, const FilterLayout& layout,
                                FilterLabel accept, FilterLabel reject) {
    if (!concerns(selection, layout.family)) return out.jump(reject);
    FamilyProgram(out, layout, accept, reject).write(parts_of(selection, layout.family, link));
  });
}

std::vector<sock_filter> rough_filter(const Selection& selection, const std::string& link,
                                      std::size_t most) {
  return filter_of_families([&](FilterAssembler& out, const FilterLayout& layout,
                                FilterLabel accept, FilterLabel reject) {
    if (!concerns(selection, layout.family)) return out.jump(reject);
    write_roughly(out, layout, parts_of(selection, layout.family, link), most, {accept, reject});
  });
}

}  // namespace lvs::director
