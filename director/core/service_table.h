#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "director/core/config.h"
#include "director/core/records.h"
#include "director/core/scheduler/table.h"
#include "net/base/result.h"
#include "net/base/time.h"

namespace lvs::director {

/// Figures of a service or a server: one a worker, written by it alone.
struct FlowCounters {
  std::uint64_t connections = 0;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

/// A service with all that belongs to it but its servers' records.
struct Service {
  ServiceConfig config;
  ServiceRecord<Ipv4Addr> record;
  Scheduler scheduler;
  std::vector<ServerId> order;  ///< IPVS's list order: the newest first
  FlowCounters counters;
};

/// The services, their servers, and the servers that were removed.
///
/// A removed server's record stays while connections refer to it and at least 120 s ("trash", facts
/// of IPVS, 2.10): adding the same server to the same service again, also after the service itself
/// was removed and added, brings the record back with its counters, and its connections work again.
/// A server of a service with expire_nodest_conn does not come back: its connections end with it.
/// Numbers are given again only to records that nobody refers to.
class ServiceTable {
 public:
  explicit ServiceTable(std::span<const SchedulerName> schedulers) : schedulers_(schedulers) {}

  Result<ServiceId> add(const ServiceConfig& config);
  Result<void> edit(const ServiceConfig& config);
  Result<void> remove(const ServiceKey& key, Tick now);
  Result<ServerId> add_server(const ServiceKey& key, const ServerConfig& config);
  Result<void> edit_server(const ServiceKey& key, const ServerConfig& config);
  Result<void> remove_server(const ServiceKey& key, Ipv4Addr address, Port port, Tick now);

  /// The service of exactly this key.
  std::optional<ServiceId> find(const ServiceKey& key) const;
  bool has_vip(Protocol protocol, Ipv4Addr vip) const;
  bool is_empty() const { return index_.empty(); }
  /// nullptr: no such service, or it was removed.
  Service* service(ServiceId id);
  const Service* service(ServiceId id) const;
  /// All services, in the order of their keys.
  std::span<const std::pair<ServiceKey, ServiceId>> index() const { return index_; }

  /// nullptr: never given, or freed.
  ServerRecord<Ipv4Addr>* server(ServerId id);
  const ServerRecord<Ipv4Addr>* server(ServerId id) const;
  FlowCounters& server_counters(ServerId id) { return details_[id.number - 1].counters; }
  const FlowCounters& server_counters(ServerId id) const {
    return details_[id.number - 1].counters;
  }
  const ServerConfig& server_config(ServerId id) const { return details_[id.number - 1].config; }

  /// The server that takes a new flow; none when no server may.
  std::optional<ServerId> schedule(Service& service, const FlowKey<Ipv4Addr>& flow) const;

  // A connection begins or ends to count for a server, with the threshold rules of facts 2.7.
  void bind(ServerId id, bool inactive);
  void unbind(ServerId id, bool inactive);

  /// True while connections of condemned servers are left, which somebody has to erase.
  bool has_condemned_connections() const;
  /// Frees the records of removed servers that nobody refers to and whose time is over.
  void collect(Tick now);

 private:
  struct ServerDetails {
    ServerConfig config;
    FlowCounters counters;
  };
  struct Trashed {
    ServerId id{};
    ServiceKey service{};
    Tick removed_at{};
  };
  using Index = std::vector<std::pair<ServiceKey, ServiceId>>;

  Service* find_service(const ServiceKey& key);
  std::optional<std::size_t> position_of(const Service& service, Ipv4Addr address, Port port) const;
  const SchedulerName* find_scheduler(const std::string& name) const;
  Result<void> check(const ServiceConfig& config) const;
  ServerId take_from_trash(const ServiceKey& key, const ServerConfig& config);
  ServerId take_free_server();
  void fill(ServerId id, ServiceId service, const ServerConfig& config);
  void discard(ServerId id, const Service& service, Tick now);

  std::span<const SchedulerName> schedulers_;
  Index index_;                                     // sorted
  std::vector<std::unique_ptr<Service>> services_;  // by id
  std::vector<ServerRecord<Ipv4Addr>> servers_;     // by id
  std::vector<ServerDetails> details_;              // by id
  std::vector<ServerId> free_;
  std::vector<Trashed> trash_;
};

}  // namespace lvs::director
