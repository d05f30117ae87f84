#pragma once

#include <cstdint>

#include "director/core/packet.h"
#include "director/core/path_settings.h"
#include "director/core/records.h"
#include "director/core/sctp_state.h"
#include "director/core/tables.h"
#include "director/core/tcp_state.h"

// What a packet does to its connection: state, timer, figures (facts of IPVS, 2.4 to 2.6).
// Freestanding.

namespace lvs::director {

namespace detail {

/// A service's own timeouts, or those that all have.
constexpr Ticks timeout_of(const ServiceRecord& service, Protocol protocol, std::uint8_t state) {
  if (protocol == Protocol::Udp) return service.udp_timeout;
  if (protocol == Protocol::Sctp) return sctp_timeout(SctpState{state});
  const TcpState tcp{state};
  if (tcp == TcpState::Established) return service.tcp_timeout;
  return tcp == TcpState::FinWait ? service.tcp_fin_timeout : tcp_timeout(tcp);
}

/// For connections whose service was removed.
inline constexpr ServiceRecord kRemovedService{.tcp_timeout = seconds_to_ticks(900),
                                               .tcp_fin_timeout = seconds_to_ticks(120),
                                               .udp_timeout = seconds_to_ticks(300)};

constexpr bool is_active_state(Protocol protocol, std::uint8_t state) {
  if (protocol == Protocol::Tcp) return is_active(TcpState{state});
  return protocol == Protocol::Sctp && is_active(SctpState{state});
}

/// Which table the packet is looked up in. The first packet from the server shows that its answers
/// pass here.
template <typename Addr>
constexpr TcpDirection direction_of(Connection<Addr>& connection, bool from_server) {
  if (from_server) {
    connection.flags = static_cast<std::uint8_t>(connection.flags & ~connection_flag::kNoOutput);
    return TcpDirection::Output;
  }
  return (connection.flags & connection_flag::kNoOutput) != 0 ? TcpDirection::InputOnly
                                                              : TcpDirection::Input;
}

template <typename Addr>
constexpr std::uint8_t next_state(Connection<Addr>& connection, const Packet<Addr>& packet,
                                  bool from_server, bool secure_tcp) {
  if (connection.protocol == Protocol::Udp) return kUdpState;
  const TcpDirection direction = direction_of(connection, from_server);
  if (connection.protocol == Protocol::Sctp)
    return static_cast<std::uint8_t>(next_sctp_state(direction, SctpState{connection.state},
                                                     sctp_event(packet.transport.payload())));
  return static_cast<std::uint8_t>(next_tcp_state(
      direction, TcpState{connection.state}, tcp_event(packet.transport.tcp_flags()), secure_tcp));
}

/// A conversation that is certainly one (facts of IPVS, 2.8).
constexpr bool is_assuring(Protocol protocol, std::uint8_t state, bool from_server) {
  if (protocol == Protocol::Udp) return from_server;
  if (protocol == Protocol::Sctp) return SctpState{state} == SctpState::Established;
  return TcpState{state} == TcpState::Established;
}

template <typename Addr, Tables<Addr> T>
constexpr void count_state(T& tables, Connection<Addr>& connection) {
  const bool counted_active = (connection.flags & connection_flag::kInactive) == 0;
  const bool active = is_active_state(connection.protocol, connection.state);
  if (active == counted_active) return;
  connection.flags ^= connection_flag::kInactive;
  if (active) {
    tables.count_active(connection.server);
  } else {
    tables.count_inactive(connection.server);
  }
}

}  // namespace detail

/// The packet was seen: state and timer go on.
template <typename Addr, Tables<Addr> T>
constexpr void advance(T& tables, Connection<Addr>& connection, const ServiceRecord& service,
                       const Packet<Addr>& packet, bool from_server, Tick now) {
  const std::uint8_t before = connection.state;
  connection.state =
      detail::next_state(connection, packet, from_server, tables.settings().secure_tcp);
  if (connection.state != before || connection.protocol == Protocol::Udp) {
    detail::count_state(tables, connection);
    if ((connection.flags & connection_flag::kControlled) != 0 &&
        detail::is_assuring(connection.protocol, connection.state, from_server))
      tables.assure(connection);
  }
  tables.rearm(connection,
               now + detail::timeout_of(service, connection.protocol, connection.state));
}

}  // namespace lvs::director
