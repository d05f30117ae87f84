#include "director/core/opening.h"

#include <optional>

#include "director/core/new_connection.h"
#include "director/core/persistence.h"

namespace lvs::director {
namespace {

template <typename Addr>
struct Choice {
  std::optional<ServerId> server{};
  Connection<Addr>* sticky = nullptr;  ///< the client's template
  Step refusal{.next = Next::NoServer};
};

template <typename Addr>
std::optional<ServerId> schedule(LiveTables& tables, Service& service, const FlowKey<Addr>& flow,
                                 Tick now) {
  return tables.services.schedule(service, {.client = flow.source,
                                            .destination = flow.destination,
                                            .client_port = flow.source_port,
                                            .destination_port = flow.destination_port,
                                            .protocol = flow.protocol,
                                            .now = now});
}

/// Facts of IPVS, 2.8: where the client's other connections go, whatever the server's weight and
/// thresholds say now; else the scheduler's choice, which a new template remembers.
template <typename Addr>
Choice<Addr> choose_sticky(LiveTables& tables, Service& service, const FlowKey<Addr>& flow,
                           Tick now) {
  if (Connection<Addr>* const found = find_template<Addr>(tables, template_key(service, flow), now))
    return {found->server, found};
  const std::optional<ServerId> server = schedule(tables, service, flow, now);
  if (!server) return {};
  Connection<Addr>* const opened = open_template(tables, service, flow, *server, now);
  if (opened == nullptr) return {std::nullopt, nullptr, detail::drop(DropReason::TableFull)};
  return {server, opened};
}

bool is_persistent(const Service& service) {
  return (service.record.flags & service_flag::kPersistent) != 0;
}

template <typename Addr>
Choice<Addr> choose(LiveTables& tables, Service& service, const FlowKey<Addr>& flow, Tick now) {
  if (is_persistent(service)) return choose_sticky(tables, service, flow, now);
  // Found for FTP's data: only persistence sends those (facts of IPVS, 2.1).
  const bool is_of_other_port =
      service.record.mark == 0 && flow.destination_port != service.record.port;
  if (is_of_other_port) return {};
  return {schedule(tables, service, flow, now)};
}

/// A server without a port takes the packets at the port that they were sent to, and so it does for
/// those of a persistent service that came to another port than the service's.
template <typename Addr>
Port port_at(const ServerRecord& server, const Service& service, const FlowKey<Addr>& flow) {
  const bool maps = server.port != Port{} &&
                    (!is_persistent(service) || flow.destination_port == service.record.port);
  return maps ? server.port : flow.destination_port;
}

/// What is replaced lives on for a tick in IPVS, so that a threshold sees it beside its successor
/// (facts of IPVS, 2.7 and 2.11). Here it ends at once, and one in its place is counted meanwhile.
template <typename Addr>
Connection<Addr>* open_in_place_of(LiveTables& tables, Connection<Addr>* replaced,
                                   const Connection<Addr>& wanted, Tick now) {
  if (replaced == nullptr) return tables.open(wanted, now);
  const bool is_beside = replaced->server == wanted.server;
  if (is_beside) tables.services.bind(wanted.server, ServiceTable::Load::Inactive);
  tables.give_way(*replaced);
  Connection<Addr>* const opened = tables.open(wanted, now);
  if (is_beside) tables.services.unbind(wanted.server, ServiceTable::Load::Inactive);
  return opened;
}

}  // namespace

template <typename Addr>
Opening<Addr> open_flow(LiveTables& tables, OpeningLimits& limits, ServiceId id,
                        const FlowKey<Addr>& flow, Connection<Addr>* replaced, Tick now) {
  const auto refuse = [](const Step& step) { return Opening<Addr>{.refusal = step}; };
  if (replaced == nullptr && tables.is_full()) return refuse(detail::drop(DropReason::TableFull));
  if (!limits.new_flows.take(now)) return refuse(detail::drop(DropReason::NewFlowLimit));

  Service& service = *tables.services.service(id);
  const Choice<Addr> choice = choose(tables, service, flow, now);
  if (!choice.server) return refuse(choice.refusal);

  const ServerRecord& server = *tables.server(*choice.server);
  Opening<Addr> opening{.one_packet = new_connection(flow, *choice.server, server,
                                                     port_at(server, service, flow), now)};
  opening.is_one_packet =
      (service.record.flags & service_flag::kOnePacket) != 0 && flow.protocol == Protocol::Udp;
  if (!opening.is_one_packet) {
    opening.connection = open_in_place_of(tables, replaced, opening.one_packet, now);
    if (opening.connection == nullptr) return refuse(detail::drop(DropReason::TableFull));
    if (choice.sticky != nullptr) tables.attach(*opening.connection, *choice.sticky);
  } else {
    tables.services.bind(*choice.server, ServiceTable::Load::Inactive);
  }
  if (choice.sticky != nullptr) renew(tables, *choice.sticky, now);
  tables.count_opened(*choice.server);
  return opening;
}

template <typename Addr>
void end_one_packet(LiveTables& tables, const Opening<Addr>& opening) {
  tables.services.unbind(opening.one_packet.server, ServiceTable::Load::Inactive);
}

template Opening<Ipv4Addr> open_flow(LiveTables&, OpeningLimits&, ServiceId,
                                     const FlowKey<Ipv4Addr>&, Connection<Ipv4Addr>*, Tick);
template Opening<Ipv6Addr> open_flow(LiveTables&, OpeningLimits&, ServiceId,
                                     const FlowKey<Ipv6Addr>&, Connection<Ipv6Addr>*, Tick);
template void end_one_packet(LiveTables&, const Opening<Ipv4Addr>&);
template void end_one_packet(LiveTables&, const Opening<Ipv6Addr>&);

}  // namespace lvs::director
