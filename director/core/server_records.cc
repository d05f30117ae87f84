// The second half of ServiceTable: the life of a server's record, from its first use over the trash
// to its next.

#include <algorithm>

#include "director/core/overload.h"
#include "director/core/service_table.h"

namespace lvs::director {
namespace {

constexpr Ticks kTrashTime = seconds_to_ticks(120);

bool is_referred_to(const ServerRecord<Ipv4Addr>& server) {
  return server.active + server.inactive != 0;
}

}  // namespace

ServerId ServiceTable::take_from_trash(const ServiceKey& key, const ServerConfig& config) {
  const auto found = std::ranges::find_if(trash_, [&](const Trashed& trashed) {
    const ServerRecord<Ipv4Addr>& record = *server(trashed.id);
    return trashed.service == key && record.address == config.address && record.port == config.port;
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

void ServiceTable::fill(ServerId id, ServiceId service, const ServerConfig& config) {
  ServerRecord<Ipv4Addr>& record = *server(id);
  note_new_upper(record, config.upper);
  record.address = config.address;
  record.service = service;
  record.next_hop = config.next_hop;
  record.weight = config.weight;
  record.upper = config.upper;
  record.lower = config.lower;
  record.port = config.port;
  record.method = config.method;
  record.flags |= server_flag::kAvailable;
  details_[id.number - 1].config = config;
}

void ServiceTable::discard(ServerId id, const Service& service, Tick now) {
  ServerRecord<Ipv4Addr>& record = *server(id);
  record.flags = static_cast<std::uint8_t>(record.flags & ~server_flag::kAvailable);
  if (service.config.expire_nodest_conn) record.flags |= server_flag::kCondemned;
  record.service = {};
  trash_.push_back({id, service.config.key, now});
}

void ServiceTable::bind(ServerId id, bool inactive) {
  ServerRecord<Ipv4Addr>& record = *server(id);
  ++(inactive ? record.inactive : record.active);
  note_bound(record);
}

void ServiceTable::unbind(ServerId id, bool inactive) {
  ServerRecord<Ipv4Addr>& record = *server(id);
  --(inactive ? record.inactive : record.active);
  note_unbound(record);
}

bool ServiceTable::has_condemned_connections() const {
  return std::ranges::any_of(trash_, [&](const Trashed& trashed) {
    const ServerRecord<Ipv4Addr>& record = *server(trashed.id);
    return (record.flags & server_flag::kCondemned) != 0 && is_referred_to(record);
  });
}

void ServiceTable::collect(Tick now) {
  std::erase_if(trash_, [&](const Trashed& trashed) {
    ServerRecord<Ipv4Addr>& record = *server(trashed.id);
    if (is_referred_to(record) || now < trashed.removed_at + kTrashTime) return false;
    record = {};
    details_[trashed.id.number - 1] = {};
    free_.push_back(trashed.id);
    return true;
  });
}

}  // namespace lvs::director
