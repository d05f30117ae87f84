#pragma once

#include <cstdint>

#include "director/core/flow_state.h"
#include "director/core/frame.h"
#include "director/core/packet.h"
#include "director/core/passage.h"
#include "director/core/step.h"
#include "director/core/tables.h"
#include "director/core/transmit.h"
#include "net/base/time.h"

// The packets of flows that already have a server: find the connection, advance its state, send the
// packet on its way. A template over the tables, because an XDP program does the same over BPF
// maps; a build gate compiles it for BPF (director/bpf). Freestanding: no allocation, no exception.
//
// As in IPVS the state, the timer and the counters advance before the packet is sent: one that then
// fails for its TTL or its length was still seen.

namespace lvs::director {

namespace detail {

/// What begins a flow anew: only the SYN bit counts, or SCTP's INIT.
template <typename Addr>
constexpr bool opens_anew(const Packet<Addr>& packet) {
  if (packet.transport.protocol() == Protocol::Sctp)
    return sctp_event(packet.transport.payload()) == SctpEvent::Init;
  return packet.transport.has_flag(wire::tcp_flag::kSyn);
}

/// conn_reuse_mode, bit 2: also while the client closed and the server's side is not seen.
template <typename Addr>
constexpr bool is_over(const Connection<Addr>& connection, std::uint8_t reuse_mode) {
  if (connection.protocol == Protocol::Sctp)
    return SctpState{connection.state} == SctpState::Closed;
  const TcpState state{connection.state};
  if (state == TcpState::TimeWait || state == TcpState::Close) return true;
  return (reuse_mode & 2) != 0 && state == TcpState::FinWait &&
         (connection.flags & connection_flag::kNoOutput) != 0;
}

/// Facts of IPVS, 2.11: a SYN on the four-tuple of a conversation that is over begins a new one,
/// and so does a SYN for a quiesced server of a service with expire_nodest_conn.
template <typename Addr>
constexpr bool gives_way(const Connection<Addr>& connection, const ServerRecord& server,
                         const ServiceRecord& service, const PathSettings& settings,
                         const Packet<Addr>& packet) {
  if (connection.protocol == Protocol::Udp || !opens_anew(packet)) return false;
  const bool expires = (service.flags & service_flag::kExpireNodestConn) != 0;
  if (expires && server.weight == 0) return true;
  if (settings.conn_reuse_mode == 0) return false;
  if ((connection.flags & connection_flag::kControlled) != 0) return false;
  return is_over(connection, settings.conn_reuse_mode);
}

}  // namespace detail

/// A packet from the client of a connection whose server is available.
template <typename Addr, Tables<Addr> T>
constexpr Step follow_client(T& tables, Connection<Addr>& connection, const ServiceRecord& service,
                             const Packet<Addr>& packet, Frame& frame, Tick now) {
  const Passage<Addr> passage = passage_to_server(connection);
  if (must_wait(tables, passage)) return wait_step(passage.next_hop);
  advance(tables, connection, service, packet, false, now);
  if (connection.packets != UINT16_MAX) ++connection.packets;
  tables.count_in(connection.server, static_cast<std::uint32_t>(packet.ip.total_length()));
  return send_packet(tables, passage, packet, frame, now);
}

/// The way to a connection's client; a step where there is none yet.
template <typename Addr, Tables<Addr> T>
constexpr Step find_way_back(T& tables, const Connection<Addr>& connection, Tick now) {
  const WayBack way = tables.way_back(connection.client, now);
  if (!way.is_known)
    return {.next = Next::Wait,
            .reason = DropReason::NoRoute,
            .waits_for = wait_for_route(connection.client)};
  const NextHopRecord* const hop = tables.next_hop(way.hop);
  if (hop == nullptr) return detail::drop(DropReason::NoRoute);
  if (!hop->resolved) return wait_step(way.hop);
  return {.next = Next::Forward, .next_hop = way.hop};
}

/// A packet of the server of a Masq connection.
template <typename Addr, Tables<Addr> T>
constexpr Step follow_server(T& tables, Connection<Addr>& connection, const Packet<Addr>& packet,
                             Frame& frame, Tick now) {
  const Step way = find_way_back(tables, connection, now);
  if (way.next != Next::Forward) return way;
  const ServerRecord* const server = tables.server(connection.server);
  const ServiceRecord* const service =
      server == nullptr ? nullptr : tables.service(server->service);
  advance(tables, connection, service == nullptr ? detail::kRemovedService : *service, packet, true,
          now);
  tables.count_out(connection.server, static_cast<std::uint32_t>(packet.ip.total_length()));
  Step step = send_packet(tables, passage_to_client(connection, way.next_hop), packet, frame, now);
  step.told_from = connection.next_hop;
  return step;
}

/// The life of a packet as far as no new flow begins.
template <typename Addr, Tables<Addr> T>
constexpr Found<Addr> lookup(T& tables, const Packet<Addr>& packet, Frame& frame, Tick now) {
  const FlowKey<Addr> key = packet.key();
  Connection<Addr>* const connection = tables.find(key, now);
  if (connection == nullptr) {
    Connection<Addr>* const answered = tables.find_from_server(key, now);
    if (answered == nullptr) return {{.next = Next::Schedule}};
    if (needs_help(*answered)) return {{.next = Next::Help}, answered};
    const bool is_first = packet.ip.is_fragment();  // asked before it is rewritten
    Found<Addr> found{follow_server(tables, *answered, packet, frame, now), answered};
    if (is_first) found.passage = passage_to_client(*answered, found.step.next_hop);
    return found;
  }
  const ServerRecord* const server = tables.server(connection->server);
  if (server == nullptr) return {detail::drop(DropReason::ServerGone)};
  if ((server->flags & server_flag::kCondemned) != 0) return {{.next = Next::Discard}, connection};
  // A conversation that is over gives way also when its server is gone: real IPVS asks this first.
  const ServiceRecord* const service = tables.service(server->service);
  const ServiceRecord& rules = service == nullptr ? detail::kRemovedService : *service;
  if (detail::gives_way(*connection, *server, rules, tables.settings(), packet))
    return {{.next = Next::Replace}, connection};
  // Silently, and the timer is not refreshed (facts of IPVS, 2.10).
  if (!server->is_available() || service == nullptr)
    return {detail::drop(DropReason::ServerGone), connection};
  if (needs_help(*connection)) return {{.next = Next::Help}, connection};
  const bool is_first = packet.ip.is_fragment();
  Found<Addr> found{follow_client(tables, *connection, *service, packet, frame, now), connection};
  if (is_first) found.passage = passage_to_server(*connection);
  return found;
}

}  // namespace lvs::director
