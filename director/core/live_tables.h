#pragma once

#include <cstdint>
#include <vector>

#include "director/core/connection_table.h"
#include "director/core/lookup.h"
#include "director/core/service_table.h"

namespace lvs::director {

/// All that a packet may change: the tables of lookup.h in this process's memory.
struct LiveTables {
  ConnectionTable<Ipv4Addr> connections;
  ServiceTable services;
  std::vector<NextHop> next_hops;  ///< by id

  Connection<Ipv4Addr>* find(const FlowKey<Ipv4Addr>& key, Tick now) const {
    return connections.find_from_client(key, now);
  }
  bool is_from_server(const FlowKey<Ipv4Addr>& key, Tick now) const {
    return connections.find_from_server(key, now) != nullptr;
  }
  ServerRecord<Ipv4Addr>* server(ServerId id) { return services.server(id); }
  const ServiceRecord<Ipv4Addr>* service(ServiceId id) {
    const Service* const found = services.service(id);
    return found == nullptr ? nullptr : &found->record;
  }
  const NextHopRecord* next_hop(NextHopId id) {
    return id.number == 0 || id.number > next_hops.size() ? nullptr : &next_hops[id.number - 1];
  }
  void rearm(Connection<Ipv4Addr>& connection, Tick expires_at) {
    connections.rearm(connection, expires_at);
  }
  void count_active(ServerRecord<Ipv4Addr>& server) {
    --server.inactive;
    ++server.active;
  }
  void count_inactive(ServerRecord<Ipv4Addr>& server) {
    --server.active;
    ++server.inactive;
  }
  void count_packet(ServerId id, std::uint32_t bytes);

  /// Ends a connection: its server counts one less, its slot is free.
  void end(Connection<Ipv4Addr>& connection);
};
static_assert(Tables<LiveTables>);

}  // namespace lvs::director
