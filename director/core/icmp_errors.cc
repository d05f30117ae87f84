#include "director/core/icmp_errors.h"

#include <optional>

#include "director/core/lookup.h"
#include "director/core/tunnel_errors.h"
#include "net/wire/icmpv6.h"
#include "net/wire/ports.h"
#include "net/wire/rewrite_icmp.h"

namespace lvs::director {
namespace {

template <typename Addr>
using IcmpViewOf = wire::BasicIcmpViewOf<Addr, std::uint8_t>;

/// The types that IPVS follows; all others pass to the host.
bool is_followed(const wire::IcmpView& icmp) {
  return icmp.type() == wire::IcmpType::Unreachable ||
         icmp.type() == wire::IcmpType::SourceQuench || icmp.type() == wire::IcmpType::TimeExceeded;
}
bool is_followed(const wire::Icmpv6View& icmp) { return icmp.is_error(); }

/// The error goes where the flow's packets go; it changes nothing of the flow's state or timer.
template <typename Addr>
Step send_error(const Moment& moment, const Passage<Addr>& passage, const IpPacket<Addr>& packet,
                Frame& frame) {
  LiveTables& tables = moment.tables;
  if (must_wait(tables, passage)) return wait_step(passage.next_hop);
  const bool is_whole = packet.offload.checksum_unfinished || has_valid_icmp_checksum(packet.ip);
  if (!is_whole) return detail::drop(DropReason::BadChecksum);
  const auto bytes = static_cast<std::uint32_t>(packet.ip.total_length());
  if (passage.to_client) {
    tables.count_out(passage.server, bytes);
  } else {
    tables.count_in(passage.server, bytes);
  }
  const Step step = silent(admit(tables, passage, packet, 0, moment.now));
  if (step.next != Next::Forward) return step;
  if (passage.method == ForwardMethod::Masq) {
    const auto end = passage.to_client ? wire::End::Source : wire::End::Destination;
    if (!wire::rewrite_icmp_error(packet.ip, end, {passage.address, passage.port}))
      return detail::drop(DropReason::BadHeader);
  }
  return dispatch(tables, passage, packet, frame, step);
}

/// schedule_icmp: an error about a flow that another director may know gets a connection, so that a
/// scheduler that hashes sends it to the same server.
template <typename Addr>
Step schedule_error(const Moment& moment, const FlowKey<Addr>& flow, const IpPacket<Addr>& packet,
                    Frame& frame) {
  const std::optional<ServiceId> service =
      moment.tables.services.find({.protocol = flow.protocol,
                                   .source = flow.source,
                                   .destination = flow.destination,
                                   .port = flow.destination_port,
                                   .link = frame.ingress,
                                   .mark = frame.mark});
  if (!service) return {.next = Next::Kernel};
  if (moment.limits.defence.drops_this_packet()) return detail::drop(DropReason::Defence);
  const Opening<Addr> opening =
      open_flow<Addr>(moment.tables, moment.limits, *service, flow, nullptr, moment.now);
  if (opening.is_one_packet) {
    const Step step = send_error(moment, passage_to_server(opening.one_packet), packet, frame);
    end_one_packet(moment.tables, opening);
    return step;
  }
  if (opening.connection == nullptr) return silent(opening.refusal);
  return send_error(moment, passage_to_server(*opening.connection), packet, frame);
}

}  // namespace

template <typename Addr>
Step follow_icmp(const Moment& moment, const IpPacket<Addr>& packet, Frame& frame) {
  const Step not_ours{.next = Next::Kernel};
  if (packet.ip.is_fragment()) return not_ours;
  const auto icmp = IcmpViewOf<Addr>::parse(packet.ip.payload());
  if (!icmp || !is_followed(*icmp)) return not_ours;
  const auto quoted = icmp->quoted();
  if (!quoted) return not_ours;
  if (const std::optional<Step> told = follow_tunnel_error(moment, packet, frame)) return *told;
  const auto ports = wire::find_ports(*quoted);
  if (!ports) return not_ours;

  // Whoever reports travels against the quoted packet, so its key is that of an answer to it.
  const FlowKey<Addr> flow{quoted->destination(), quoted->source(), ports->destination,
                           ports->source, quoted->protocol()};
  if (const auto* const connection = moment.tables.find(flow, moment.now))
    return send_error(moment, passage_to_server(*connection), packet, frame);
  if (const auto* const connection = moment.tables.find_from_server(flow, moment.now)) {
    const Step way = find_way_back(moment.tables, *connection, moment.now);
    if (way.next != Next::Forward) return way;
    return send_error(moment, passage_to_client(*connection, way.next_hop), packet, frame);
  }
  if (!moment.limits.settings.schedule_icmp) return not_ours;
  return schedule_error(moment, flow, packet, frame);
}

template Step follow_icmp(const Moment&, const IpPacket<Ipv4Addr>&, Frame&);
template Step follow_icmp(const Moment&, const IpPacket<Ipv6Addr>&, Frame&);

}  // namespace lvs::director
