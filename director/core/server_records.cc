// The second half of ServiceTable: the life of a server's record, from its first use over the trash
// to its next, and what counts for it.

#include <algorithm>

#include "director/core/overload.h"
#include "director/core/service_table.h"

namespace lvs::director {
namespace {

constexpr Ticks kTrashTime = seconds_to_ticks(120);
constexpr std::uint8_t kNoted = server_flag::kAvailable | server_flag::kLoadChanged;

bool is_referred_to(const ServerRecord& server) {
  return server.active != 0 || server.inactive != 0 || server.persistent != 0;
}

std::uint32_t& figure_of(ServerRecord& server, ServiceTable::Load load) {
  switch (load) {
    case ServiceTable::Load::Active:
      return server.active;
    case ServiceTable::Load::Inactive:
      return server.inactive;
    case ServiceTable::Load::Template:
      break;
  }
  return server.persistent;
}

}  // namespace

ServerId ServiceTable::take_from_trash(const ServiceKey& key, const ServerConfig& config) {
  const MappedAddr address{config.address};
  const auto found = std::ranges::find_if(trash_, [&](const Trashed& trashed) {
    const ServerRecord& record = *server(trashed.id);
    return trashed.service == key && record.address == address && record.port == config.port;
  });
  if (found == trash_.end()) return take_free_server();
  const ServerId id = found->id;
  if ((server(id)->flags & server_flag::kCondemned) == 0) {
    trash_.erase(found);
    return id;
  }
  // Its connections end with it, so it cannot come back itself; what it counted does. The old
  // record gives its place in the service up, so that it is not found again.
  found->service = {};
  const ServerId successor = take_free_server();
  server_counters(successor) = server_counters(id);
  return successor;
}

ServerId ServiceTable::take_free_server() {
  if (!free_.empty()) {
    const ServerId id = free_.back();
    free_.pop_back();
    return id;
  }
  servers_.emplace_back();
  details_.emplace_back();
  return ServerId{static_cast<std::uint32_t>(servers_.size())};
}

void ServiceTable::fill(ServerId id, const ServerConfig& config) {
  ServerRecord& record = *server(id);
  note_new_upper(record, config.upper);
  record.address = config.address;
  record.next_hop = config.next_hop;
  record.weight = config.weight;
  if (config.weight != 0) record.last_weight = config.weight;
  record.upper = config.upper;
  record.lower = config.lower;
  record.port = config.port;
  record.tunnel_port = config.tunnel.port;
  record.method = config.method;
  record.tunnel = config.tunnel.type;
  record.flags = static_cast<std::uint8_t>(record.flags & ~server_flag::kTunnelChecksum);
  if (config.tunnel.checksum) record.flags |= server_flag::kTunnelChecksum;
  record.flags |= server_flag::kAvailable;
  details_[id.number - 1].config = config;
}

void ServiceTable::discard(ServerId id, const Service& service, Tick now) {
  ServerRecord& record = *server(id);
  record.flags = static_cast<std::uint8_t>(record.flags &
                                           ~(server_flag::kAvailable | server_flag::kLoadChanged));
  if (service.config.expire_nodest_conn) record.flags |= server_flag::kCondemned;
  record.service = {};
  record.seat = 0;
  trash_.push_back({id, service.config.key, now});
}

void ServiceTable::note_load(ServerRecord& server, ServerId id) {
  if ((server.flags & kNoted) != server_flag::kAvailable) return;
  server.flags |= server_flag::kLoadChanged;
  service(server.service)->changed.push_back(id);
}

void ServiceTable::bind(ServerId id, Load load) {
  ServerRecord& record = *server(id);
  ++figure_of(record, load);
  note_bound(record);
  note_load(record, id);
}

void ServiceTable::unbind(ServerId id, Load load) {
  ServerRecord& record = *server(id);
  --figure_of(record, load);
  note_unbound(record);
  note_load(record, id);
}

void ServiceTable::change(ServerId id, Load from, Load to) {
  ServerRecord& record = *server(id);
  --figure_of(record, from);
  ++figure_of(record, to);
  note_load(record, id);
}

bool ServiceTable::has_condemned_connections() const {
  return std::ranges::any_of(trash_, [&](const Trashed& trashed) {
    const ServerRecord& record = *server(trashed.id);
    return (record.flags & server_flag::kCondemned) != 0 && is_referred_to(record);
  });
}

void ServiceTable::collect(Tick now) {
  std::erase_if(trash_, [&](const Trashed& trashed) {
    ServerRecord& record = *server(trashed.id);
    if (is_referred_to(record) || now < trashed.removed_at + kTrashTime) return false;
    record = {};
    details_[trashed.id.number - 1] = {};
    free_.push_back(trashed.id);
    return true;
  });
}

}  // namespace lvs::director
