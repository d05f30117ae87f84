// The readers of an engine: what listings and metrics ask for.

#include <algorithm>
#include <utility>

#include "director/core/engine_parts.h"
#include "director/core/state_name.h"

namespace lvs::director {
namespace {

ServerStatus status_of(const ServiceTable& services, ServerId id) {
  const ServerRecord<Ipv4Addr>& record = *services.server(id);
  const FlowCounters& counters = services.server_counters(id);
  return {.id = id,
          .config = services.server_config(id),
          .active = record.active,
          .inactive = record.inactive,
          .connections = counters.connections,
          .packets = counters.packets,
          .bytes = counters.bytes};
}

ConnectionStatus status_of(const Connection<Ipv4Addr>& connection, Tick now) {
  return {.protocol = connection.protocol,
          .client = connection.client,
          .client_port = connection.client_port,
          .vip = connection.vip,
          .vip_port = connection.vip_port,
          .server = connection.server_address,
          .server_port = connection.server_port,
          .state = state_name(connection.protocol, connection.state),
          .expires_in = connection.expires_at - now};
}

/// Free positions that a listing may pass for each connection that it may return.
constexpr std::size_t kPassedForEach = 16;

}  // namespace

std::vector<ServiceStatus> Engine::services() const {
  const ServiceTable& table = parts_->tables.services;
  std::vector<ServiceStatus> all;
  for (const auto& [key, id] : table.index()) {
    const Service& service = *table.service(id);
    ServiceStatus status{.id = id,
                         .config = service.config,
                         .servers = {},
                         .connections = service.counters.connections,
                         .packets = service.counters.packets,
                         .bytes = service.counters.bytes};
    for (const ServerId server : service.order) status.servers.push_back(status_of(table, server));
    all.push_back(std::move(status));
  }
  return all;
}

std::uint32_t Engine::connections(std::uint32_t from, std::size_t limit, Tick now,
                                  std::vector<ConnectionStatus>& out) const {
  const ConnectionTable<Ipv4Addr>& table = parts_->tables.connections;
  std::uint32_t position = std::max(from, std::uint32_t{1});
  std::size_t copied = 0;
  for (std::size_t passed = 0; passed < limit * kPassedForEach && copied < limit;
       ++passed, ++position) {
    if (position > table.last_position()) return 0;
    const Connection<Ipv4Addr>* const connection = table.at(position);
    if (connection == nullptr || now >= connection->expires_at) continue;
    out.push_back(status_of(*connection, now));
    ++copied;
  }
  return position > table.last_position() ? 0 : position;
}

}  // namespace lvs::director
