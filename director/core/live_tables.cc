#include "director/core/live_tables.h"

namespace lvs::director {

void LiveTables::count_packet(ServerId id, std::uint32_t bytes) {
  const auto add = [&](FlowCounters& counters) {
    ++counters.packets;
    counters.bytes += bytes;
  };
  add(services.server_counters(id));
  if (Service* const of = services.service(services.server(id)->service)) add(of->counters);
}

void LiveTables::end(Connection<Ipv4Addr>& connection) {
  services.unbind(connection.server, (connection.flags & connection_flag::kInactive) != 0);
  connections.erase(connection);
}

}  // namespace lvs::director
