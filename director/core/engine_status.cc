// The readers of an engine: what listings and metrics ask for.

#include <algorithm>
#include <ranges>
#include <utility>

#include "director/core/engine_parts.h"
#include "director/core/state_name.h"

namespace lvs::director {
namespace {

ServerStatus status_of(const ServiceTable& services, ServerId id) {
  const ServerRecord& record = *services.server(id);
  return {.id = id,
          .config = services.server_config(id),
          .active = record.active,
          .inactive = record.inactive,
          .persistent = record.persistent,
          .counters = services.server_counters(id)};
}

template <typename Addr>
ConnectionStatus status_of(const Connection<Addr>& connection, const ServiceTable& services,
                           Tick now) {
  return {.protocol = connection.protocol,
          .client = connection.client,
          .client_port = connection.client_port,
          .vip = connection.vip,
          .vip_port = connection.vip_port,
          .server = services.server(connection.server)->address.address(),
          .server_port = connection.server_port,
          .is_template = connection.is_template(),
          .state = state_name(connection),
          .expires_in = now < connection.expires_at ? connection.expires_at - now : Ticks{}};
}

/// Free positions that a listing may pass for each connection that it may return.
constexpr std::size_t kPassedForEach = 16;

/// How far a listing has come, and how far it may go.
struct Listing {
  std::uint32_t position = 1;
  std::size_t may_pass = 0;
  std::size_t may_copy = 0;
  Tick now{};
};

/// Goes on in the table of one family; true at its end.
template <typename Addr>
bool list(const LiveTables& tables, Listing& listing, std::vector<ConnectionStatus>& out) {
  const ConnectionTable<Addr>& table = tables.connections<Addr>();
  for (; listing.position <= table.last_position(); ++listing.position, --listing.may_pass) {
    if (listing.may_pass == 0 || listing.may_copy == 0) return false;
    const Connection<Addr>* const connection = table.at(listing.position);
    if (connection == nullptr) continue;
    if (listing.now >= connection->expires_at && !controls_others(*connection)) continue;
    out.push_back(status_of(*connection, tables.services, listing.now));
    --listing.may_copy;
  }
  return true;
}

template <typename Addr>
std::optional<ConnectionStatus> find(const LiveTables& tables, const FlowKey<Addr>& key, Tick now) {
  const Connection<Addr>* const found = tables.find(key, now);
  if (found == nullptr || found->is_template()) return std::nullopt;
  return status_of(*found, tables.services, now);
}

}  // namespace

std::vector<ServiceStatus> Engine::services() const {
  const ServiceTable& table = parts_->tables.services;
  std::vector<ServiceStatus> all;
  for (const auto& [key, id] : table.index()) {
    const Service& service = *table.service(id);
    ServiceStatus status{
        .id = id, .config = service.config, .servers = {}, .counters = service.counters};
    for (auto seat = service.seats.rbegin(); seat != service.seats.rend(); ++seat)
      status.servers.push_back(status_of(table, *seat));
    all.push_back(std::move(status));
  }
  return all;
}

// Positions of IPv6 come behind the last that IPv4 could have.
std::uint32_t Engine::connections(std::uint32_t from, std::size_t limit, Tick now,
                                  std::vector<ConnectionStatus>& out) const {
  const LiveTables& tables = parts_->tables;
  const std::uint32_t ipv4_positions = tables.capacity();
  Listing listing{std::max(from, std::uint32_t{1}), limit * kPassedForEach, limit, now};
  if (listing.position <= ipv4_positions) {
    if (!list<Ipv4Addr>(tables, listing, out)) return listing.position;
    listing.position = ipv4_positions + 1;
  }
  listing.position -= ipv4_positions;
  return list<Ipv6Addr>(tables, listing, out) ? 0 : ipv4_positions + listing.position;
}

std::optional<ConnectionStatus> Engine::find_connection(const ClientFlow& flow, Tick now) const {
  const LiveTables& tables = parts_->tables;
  if (flow.client.family() != flow.vip.family()) return std::nullopt;
  if (flow.client.is_v4())
    return find<Ipv4Addr>(
        tables,
        {flow.client.v4(), flow.vip.v4(), flow.client_port, flow.vip_port, flow.protocol, {}}, now);
  return find<Ipv6Addr>(
      tables, {flow.client.v6(), flow.vip.v6(), flow.client_port, flow.vip_port, flow.protocol, {}},
      now);
}

}  // namespace lvs::director
