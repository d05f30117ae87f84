#pragma once

#include <concepts>
#include <cstdint>

#include "director/core/packet.h"
#include "director/core/records.h"
#include "director/core/tcp_state.h"
#include "net/base/time.h"

// The packets of flows that already have a server: find the connection, advance its state, send the
// packet on its way. A template over the tables, because an XDP program does the same over BPF
// maps; a build gate compiles it for BPF (director/bpf). Freestanding: no allocation, no exception.
//
// As in IPVS the state, the timer and the counters advance before the packet is sent: one that then
// fails for its TTL or its length was still seen.

namespace lvs::director {

/// What the packet path asks of its tables. Everything that find() gives stays valid until the next
/// change of a table.
template <typename T>
concept Tables = requires(T tables, const FlowKey<Ipv4Addr>& key, Connection<Ipv4Addr>& connection,
                          ServerRecord<Ipv4Addr>& server, Tick at) {
  /// By the key of the client's packets; nullptr for none and for one that has expired.
  { tables.find(key, at) } -> std::same_as<Connection<Ipv4Addr>*>;
  /// True for a packet of a known flow's server.
  { tables.is_from_server(key, at) } -> std::same_as<bool>;
  { tables.server(connection.server) } -> std::same_as<ServerRecord<Ipv4Addr>*>;
  { tables.service(server.service) } -> std::same_as<const ServiceRecord<Ipv4Addr>*>;
  { tables.next_hop(connection.next_hop) } -> std::same_as<const NextHopRecord*>;
  tables.rearm(connection, at);
  tables.count_active(server);    ///< one inactive connection became active
  tables.count_inactive(server);  ///< and the other way round
  tables.count_packet(connection.server, std::uint32_t{});  ///< of this many layer 3 bytes
};

/// What is next for a packet.
enum class Next : std::uint8_t {
  Forward,       ///< rewritten: send it to next_hop
  Local,         ///< for this host's own stack
  Kernel,        ///< not ours
  Drop,          ///< for `reason`
  Schedule,      ///< no connection: decide
  Replace,       ///< its connection gives way to a new one, if one may be opened: decide
  Discard,       ///< its connection ends now: erase it and decide
  TtlExceeded,   ///< drop and tell the client, where that is allowed
  TooBig,        ///< the same; next_hop has the MTU
  NoServer,      ///< the same
  NoConnection,  ///< the same
};

struct Step {
  Next next = Next::Drop;
  DropReason reason = DropReason::None;
  NextHopId next_hop{};
  Connection<Ipv4Addr>* connection = nullptr;  ///< for Replace and Discard
};

namespace detail {

constexpr Step drop(DropReason reason) { return {Next::Drop, reason}; }

constexpr Ticks timeout_of(const ServiceRecord<Ipv4Addr>& service, Protocol protocol,
                           std::uint8_t state) {
  if (protocol == Protocol::Udp) return service.udp_timeout;
  const TcpState tcp{state};
  if (tcp == TcpState::Established) return service.tcp_timeout;
  return tcp == TcpState::FinWait ? service.tcp_fin_timeout : tcp_timeout(tcp);
}

/// The state after a packet from the client.
constexpr std::uint8_t next_state(const Connection<Ipv4Addr>& connection, const Packet& packet) {
  if (connection.protocol == Protocol::Udp) return kUdpState;
  const bool one_sided = (connection.flags & connection_flag::kNoOutput) != 0;
  return static_cast<std::uint8_t>(
      next_tcp_state(one_sided ? TcpDirection::InputOnly : TcpDirection::Input,
                     TcpState{connection.state}, tcp_event(packet.transport.tcp_flags())));
}

template <Tables T>
constexpr void count_state(T& tables, Connection<Ipv4Addr>& connection,
                           ServerRecord<Ipv4Addr>& server) {
  const bool counted_active = (connection.flags & connection_flag::kInactive) == 0;
  const bool active = connection.protocol == Protocol::Tcp && is_active(TcpState{connection.state});
  if (active == counted_active) return;
  connection.flags ^= connection_flag::kInactive;
  if (active) {
    tables.count_active(server);
  } else {
    tables.count_inactive(server);
  }
}

/// A super-frame fits when its segments do: the sending card cuts it (IPVS judges alike).
constexpr bool fits(const Packet& packet, std::uint16_t mtu) {
  if (packet.offload.segment_size == 0) return packet.ip.total_length() <= mtu;
  return packet.ip.header_length() + packet.transport.header_length() +
             packet.offload.segment_size <=
         mtu;
}

/// Direct routing: the packet stays as it is but for its TTL, only the frame is addressed anew.
template <Tables T>
constexpr Step send_on(T& tables, const Connection<Ipv4Addr>& connection, const Packet& packet) {
  if (connection.method == ForwardMethod::Local) return {Next::Local};
  if (packet.ip.ttl() <= 1) return {Next::TtlExceeded};
  const NextHopRecord* const hop = tables.next_hop(connection.next_hop);
  if (hop == nullptr) return drop(DropReason::NoNeighbour);
  if (!fits(packet, hop->mtu)) return {Next::TooBig, DropReason::None, connection.next_hop};
  if (!hop->resolved) return {Next::Drop, DropReason::NoNeighbour, connection.next_hop};

  packet.ip.decrement_ttl();
  packet.ethernet.set_destination(hop->destination);
  packet.ethernet.set_source(hop->source);
  return {Next::Forward, DropReason::None, connection.next_hop};
}

/// conn_reuse_mode 1 (facts of IPVS, 2.11): a SYN on the four-tuple of a conversation that is over
/// begins a new one, and so does a SYN for a quiesced server of a service with expire_nodest_conn.
constexpr bool gives_way(const Connection<Ipv4Addr>& connection,
                         const ServerRecord<Ipv4Addr>& server,
                         const ServiceRecord<Ipv4Addr>& service, const Packet& packet) {
  if (!packet.transport.has_flag(wire::tcp_flag::kSyn)) return false;
  const bool expires = (service.flags & service_flag::kExpireNodestConn) != 0;
  if (expires && server.weight == 0) return true;
  const TcpState state{connection.state};
  return state == TcpState::TimeWait || state == TcpState::Close;
}

}  // namespace detail

/// A packet from the client of a connection whose server is available.
template <Tables T>
constexpr Step follow(T& tables, Connection<Ipv4Addr>& connection, ServerRecord<Ipv4Addr>& server,
                      const Packet& packet, Tick now) {
  const ServiceRecord<Ipv4Addr>* const service = tables.service(server.service);
  if (service == nullptr) return detail::drop(DropReason::ServerGone);
  connection.state = detail::next_state(connection, packet);
  detail::count_state(tables, connection, server);
  tables.rearm(connection,
               now + detail::timeout_of(*service, connection.protocol, connection.state));
  if (connection.packets != UINT16_MAX) ++connection.packets;
  tables.count_packet(connection.server, packet.ip.total_length());
  return detail::send_on(tables, connection, packet);
}

/// The life of a packet as far as no new flow begins.
template <Tables T>
constexpr Step lookup(T& tables, const Packet& packet, Tick now) {
  const FlowKey<Ipv4Addr> key = packet.key();
  Connection<Ipv4Addr>* const connection = tables.find(key, now);
  if (connection == nullptr)
    // With the methods so far, servers answer past us: what they send here is for the host.
    return {tables.is_from_server(key, now) ? Next::Kernel : Next::Schedule};

  ServerRecord<Ipv4Addr>* const server = tables.server(connection->server);
  if (server == nullptr) return detail::drop(DropReason::ServerGone);
  if ((server->flags & server_flag::kCondemned) != 0)
    return {Next::Discard, DropReason::None, {}, connection};
  // Silently, and the timer is not refreshed (facts of IPVS, 2.10).
  if (!server->is_available()) return detail::drop(DropReason::ServerGone);

  const ServiceRecord<Ipv4Addr>* const service = tables.service(server->service);
  if (service != nullptr && detail::gives_way(*connection, *server, *service, packet))
    return {Next::Replace, DropReason::None, {}, connection};
  return follow(tables, *connection, *server, packet, now);
}

}  // namespace lvs::director
