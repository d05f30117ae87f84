// What an engine does between the packets.

#include "director/core/engine_parts.h"

namespace lvs::director {

void Engine::Parts::judge_defence() {
  opening.defence.judge(opening.settings, {tables.connection_count(), tables.capacity()});
  tables.path_settings.secure_tcp = opening.defence.secures_tcp();
}

/// True when there is more to do.
bool Engine::Parts::expire(Tick now, std::size_t limit) {
  const bool more = tables.expire(now, limit);
  // Each with its own limit, so that none starves the others.
  const bool condemned_left = sweep_condemned(now, limit);
  if ((now - second_began).number >= kTicksPerSecond) {
    second_began = now;
    judge_defence();
    if (opening.defence.drops_entries()) dropper.begin(tables);
    tables.services.on_time(now);
  }
  const bool drops_left = dropper.run(tables, now, limit);
  tables.services.collect(now);
  return more || condemned_left || drops_left;
}

/// Ends connections whose server was removed from a service with expire_nodest_conn. What controls
/// others is left to the next round, when they are gone. True when some may be left.
bool Engine::Parts::sweep_condemned(Tick now, std::size_t limit) {
  if (!tables.services.has_condemned_connections()) {
    sweep_from4 = sweep_from6 = 1;
    return false;
  }
  if (!sweep_family<Ipv4Addr>(sweep_from4, now, limit)) return true;
  if (!sweep_family<Ipv6Addr>(sweep_from6, now, limit)) return true;
  sweep_from4 = sweep_from6 = 1;
  return tables.services.has_condemned_connections();
}

/// True when the table's end was reached.
template <typename Addr>
bool Engine::Parts::sweep_family(std::uint32_t& from, Tick now, std::size_t& limit) {
  ConnectionTable<Addr>& table = tables.connections<Addr>();
  for (; limit > 0 && from <= table.last_position(); --limit, ++from) {
    Connection<Addr>* const connection = table.at(from);
    if (connection == nullptr || controls_others(*connection)) continue;
    if ((tables.server(connection->server)->flags & server_flag::kCondemned) != 0)
      tables.force_out(*connection, now);
  }
  return from > table.last_position();
}

}  // namespace lvs::director
