#include "director/core/entry_dropper.h"

#include <algorithm>

#include "director/core/flow_state.h"

namespace lvs::director {
namespace {

constexpr std::uint32_t kShare = 32;
constexpr Ticks kIdle = seconds_to_ticks(60);

}  // namespace

void EntryDropper::begin(const LiveTables& tables) {
  ipv4_.due = tables.connections<Ipv4Addr>().last_position() / kShare + 1;
  ipv6_.due = tables.connections<Ipv6Addr>().last_position() / kShare + 1;
}

bool EntryDropper::run(LiveTables& tables, Tick now, std::size_t limit) {
  run_family<Ipv4Addr>(tables, ipv4_, now, limit);
  run_family<Ipv6Addr>(tables, ipv6_, now, limit);
  return ipv4_.due + ipv6_.due > 0;
}

template <typename Addr>
void EntryDropper::run_family(LiveTables& tables, Position& position, Tick now,
                              std::size_t& limit) {
  ConnectionTable<Addr>& table = tables.connections<Addr>();
  for (; position.due > 0 && limit > 0; --position.due, --limit) {
    if (position.next > table.last_position()) position.next = 1;
    Connection<Addr>* const connection = table.at(position.next++);
    if (connection != nullptr && is_dropped(tables, *connection, now))
      tables.force_out(*connection, now);
  }
}

/// Of entries with so few packets every n-th goes, n being their packets: an entry without any is
/// not one that a packet made.
template <typename Addr>
bool EntryDropper::is_idle_and_small(LiveTables& tables, const Connection<Addr>& connection,
                                     Tick now) {
  if (connection.packets == 0 || connection.packets > kFewPackets) return false;
  const ServerRecord* const server = tables.server(connection.server);
  const ServiceRecord* const service =
      server == nullptr ? nullptr : tables.service(server->service);
  const Ticks timeout = detail::timeout_of(service == nullptr ? detail::kRemovedService : *service,
                                           connection.protocol, connection.state);
  if (now + timeout < connection.expires_at + kIdle) return false;
  std::uint8_t& waited = waited_[connection.packets];
  if (++waited < connection.packets) return false;
  waited = 0;
  return true;
}

template <typename Addr>
bool EntryDropper::is_dropped(LiveTables& tables, const Connection<Addr>& connection, Tick now) {
  if (controls_others(connection)) return false;
  if (connection.is_template()) return (connection.flags & connection_flag::kAssured) == 0;
  if (connection.protocol == Protocol::Tcp) {
    const TcpState state{connection.state};
    if (state == TcpState::SynRecv || state == TcpState::SynAck) return true;
    if (state != TcpState::Established) return false;
  }
  if (connection.protocol == Protocol::Sctp) {
    const SctpState state{connection.state};
    if (state == SctpState::Init1 || state == SctpState::Init) return true;
    if (state != SctpState::Established) return false;
  }
  return is_idle_and_small(tables, connection, now);
}

}  // namespace lvs::director
