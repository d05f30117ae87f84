#include "director/core/decide.h"

#include <optional>

#include "director/core/ftp/helper.h"
#include "director/core/new_connection.h"
#include "director/core/real_server.h"

namespace lvs::director {
namespace {

/// Facts of IPVS, 2.2. Only the SYN bit counts, so that SYN and ACK of active FTP begin a flow too.
template <typename Addr>
bool may_open(const Packet<Addr>& packet, const EngineSettings& settings) {
  if (packet.transport.source_port() == kFtpData) return false;  // never scheduled
  const wire::TransportView& transport = packet.transport;
  if (transport.is_tcp())
    return !transport.has_flag(wire::tcp_flag::kRst) &&
           (settings.sloppy_tcp || transport.has_flag(wire::tcp_flag::kSyn));
  if (!transport.is_sctp()) return true;
  const std::optional<std::uint8_t> chunk = transport.first_chunk_type();
  if (settings.sloppy_sctp) return chunk != wire::sctp_chunk::kAbort;
  return chunk == wire::sctp_chunk::kInit;
}

/// What the host itself would say at a port that nobody listens on. The host is asked itself where
/// it may have a listener beside the service (FTP's data), and about SCTP.
template <typename Addr>
Step refuse_opening(const Packet<Addr>& packet) {
  if (packet.transport.is_sctp()) return {.next = Next::Kernel};
  return {.next = packet.transport.is_tcp() ? Next::NoConnection : Next::NoServer};
}

/// Facts of IPVS, 2.3: what a service of FTP does not take at other ports is the host's, and with
/// cache_bypass the host sends a mark's packets to where they were sent.
template <typename Addr>
bool is_left_to_host(const Service& service, const Packet<Addr>& packet,
                     const EngineSettings& settings) {
  if (service.record.mark != 0) return settings.cache_bypass;
  return service.record.port == kFtpControl && packet.transport.destination_port() != kFtpControl;
}

template <typename Addr>
std::optional<ServiceId> find_service(const Moment& moment, const Packet<Addr>& packet,
                                      const Frame& frame) {
  return moment.tables.services.find({.protocol = packet.transport.protocol(),
                                      .source = packet.ip.source(),
                                      .destination = packet.ip.destination(),
                                      .port = packet.transport.destination_port(),
                                      .link = frame.ingress,
                                      .mark = frame.mark});
}

template <typename Addr>
Step send_one_packet(const Moment& moment, const Opening<Addr>& opening, const Packet<Addr>& packet,
                     Frame& frame) {
  const Passage<Addr> passage = passage_to_server(opening.one_packet);
  const bool waits = must_wait(moment.tables, passage);
  if (!waits)
    moment.tables.count_in(passage.server, static_cast<std::uint32_t>(packet.ip.total_length()));
  const Step step = waits ? wait_step(passage.next_hop)
                          : send_packet(moment.tables, passage, packet, frame, moment.now);
  end_one_packet(moment.tables, opening);
  return step;
}

template <typename Addr>
Found<Addr> open_and_send(const Moment& moment, const Packet<Addr>& packet, Frame& frame,
                          ServiceId service_id, Connection<Addr>* replaced) {
  const Opening<Addr> opening =
      open_flow(moment.tables, moment.limits, service_id, packet.key(), replaced, moment.now);
  const Service& service = *moment.tables.services.service(service_id);
  if (opening.is_one_packet)
    return {send_one_packet(moment, opening, packet, frame), nullptr,
            passage_to_server(opening.one_packet)};
  if (opening.connection == nullptr) {
    const bool is_hosts = opening.refusal.next == Next::NoServer &&
                          is_left_to_host(service, packet, moment.limits.settings);
    return {is_hosts ? Step{.next = Next::Kernel} : opening.refusal};
  }
  Connection<Addr>& connection = *opening.connection;
  begin_help(moment.tables, connection, packet);
  if (needs_help(connection)) return help(moment.tables, connection, packet, frame, moment.now);
  return {follow_client(moment.tables, connection, service.record, packet, frame, moment.now),
          &connection, passage_to_server(connection)};
}

}  // namespace

template <typename Addr>
Found<Addr> decide(const Moment& moment, const Packet<Addr>& packet, Frame& frame,
                   const Found<Addr>& found) {
  Connection<Addr>* replaced = nullptr;
  if (found.step.next == Next::Discard) moment.tables.give_way(*found.connection);
  if (found.step.next == Next::Replace) {
    // It ends with the next tick whatever comes of this packet, but until its successor's server is
    // chosen it counts in the figures (facts of IPVS, 1.1 and 2.11).
    replaced = found.connection;
    moment.tables.rearm(*replaced, moment.now + Ticks{1});
  }

  const std::optional<ServiceId> id = find_service(moment, packet, frame);
  if (!id) return {judge_stray_reply(moment, packet, frame).value_or(Step{.next = Next::Kernel})};
  const Service& service = *moment.tables.services.service(*id);
  if (!may_open(packet, moment.limits.settings))
    return {is_left_to_host(service, packet, {}) ? Step{.next = Next::Kernel}
                                                 : refuse_opening(packet)};
  if (moment.limits.defence.drops_this_packet()) return {detail::drop(DropReason::Defence)};
  return open_and_send(moment, packet, frame, *id, replaced);
}

template Found<Ipv4Addr> decide(const Moment&, const Packet<Ipv4Addr>&, Frame&,
                                const Found<Ipv4Addr>&);
template Found<Ipv6Addr> decide(const Moment&, const Packet<Ipv6Addr>&, Frame&,
                                const Found<Ipv6Addr>&);

}  // namespace lvs::director
