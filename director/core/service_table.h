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

/// Figures of a service or a server: one a worker, written by it alone. Bytes are those of layer 3.
struct FlowCounters {
  std::uint64_t connections = 0;
  std::uint64_t packets_in = 0;   ///< from clients
  std::uint64_t packets_out = 0;  ///< from servers, where they pass here
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// A service with all that belongs to it but its servers' records.
struct Service {
  ServiceConfig config;
  ServiceRecord record;
  Scheduler scheduler;
  std::vector<ServerId> seats;    ///< see ServerList: the newest last
  std::vector<ServerId> changed;  ///< the scheduler has not been told of their new load
  FlowCounters counters;
};

/// The services, their servers, and the servers that were removed.
///
/// A removed server's record stays while connections refer to it and at least 120 s ("trash", facts
/// of IPVS, 2.10): adding the same server to the same service again, also after the service itself
/// was removed and added, brings the record back with its counters, and its connections work again.
/// A server of a service with expire_nodest_conn does not come back: its connections end with it.
/// Numbers are given again only to records that nobody refers to.
///
/// Nothing here scans services or servers for a packet: services are found by binary search, and a
/// change of a server's figures is noted and told to the scheduler before its next pick.
class ServiceTable {
 public:
  ServiceTable(std::span<const SchedulerName> schedulers, const SchedulerSetup& setup);
  /// For schedulers that are made from now on; the flags are each service's own.
  void set_setup(const SchedulerSetup& setup) { setup_ = setup; }

  Result<ServiceId> add(const ServiceConfig& config);
  Result<void> edit(const ServiceConfig& config);
  Result<void> remove(const ServiceKey& key, Tick now);
  // With Route and Tunnel a server's port is that of its service, whatever is given.
  Result<ServerId> add_server(const ServiceKey& key, const ServerConfig& config);
  Result<void> edit_server(const ServiceKey& key, const ServerConfig& config);
  Result<void> remove_server(const ServiceKey& key, const IpAddr& address, Port port, Tick now);
  void set_marks(std::vector<MarkRule> rules);

  /// What decides which service a packet belongs to.
  struct Question {
    Protocol protocol{};
    IpAddr source{};
    IpAddr destination{};
    Port port{};
    LinkIndex link{};
    std::uint32_t mark = 0;  ///< from outside; 0: the rules say
  };
  /// In IPVS's order (facts of IPVS, 2.1): by mark, exactly, the FTP service for its data, port 0.
  std::optional<ServiceId> find(const Question& question) const;
  /// The mark that the rules give a packet, or that it came with; 0: none.
  std::uint32_t mark_of(const Question& question) const;
  /// The service of exactly this key.
  std::optional<ServiceId> find(const ServiceKey& key) const;
  bool has_vip(Protocol protocol, const IpAddr& vip) const;
  /// True while no service of the family exists: then IPVS sees none of its packets (facts 2.2).
  bool is_empty(Family family) const;
  /// nullptr: no such service, or it was removed.
  Service* service(ServiceId id);
  const Service* service(ServiceId id) const;
  /// All services, in the order of their keys.
  std::span<const std::pair<ServiceKey, ServiceId>> index() const { return index_; }

  /// nullptr: never given, or freed.
  ServerRecord* server(ServerId id);
  const ServerRecord* server(ServerId id) const;
  FlowCounters& server_counters(ServerId id) { return details_[id.number - 1].counters; }
  const FlowCounters& server_counters(ServerId id) const {
    return details_[id.number - 1].counters;
  }
  const ServerConfig& server_config(ServerId id) const { return details_[id.number - 1].config; }

  /// The server that takes a new flow; none when no server may.
  std::optional<ServerId> schedule(Service& service, const NewFlow& flow);
  /// Lets schedulers forget what is too old.
  void on_time(Tick now);

  // What counts for a server begins, ends or changes, with the threshold rules of facts 2.7.
  enum class Load : std::uint8_t { Active, Inactive, Template };
  void bind(ServerId id, Load load);
  void unbind(ServerId id, Load load);
  void change(ServerId id, Load from, Load to);

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
  /// How many services there are of a sort, so that most packets need one search.
  struct Sorts {
    std::size_t ipv4 = 0;
    std::size_t ipv6 = 0;
    std::size_t ftp = 0;
    std::size_t every_port = 0;
    std::size_t marks = 0;
  };

  Service* find_service(const ServiceKey& key);
  Result<Service*> need_service(const ServiceKey& key);
  Result<std::size_t> need_seat(const Service& service, const IpAddr& address, Port port) const;
  ServerList list_of(const Service& service) const { return {service.seats, servers_}; }
  Scheduler make_scheduler(const ServiceConfig& config) const;
  void set_index(Index changed);
  void tell_changes(Service& service);
  std::optional<std::size_t> seat_of(const Service& service, const IpAddr& address,
                                     Port port) const;
  void note_load(ServerRecord& server, ServerId id);
  const SchedulerName* find_scheduler(const std::string& name) const;
  ServerId take_from_trash(const ServiceKey& key, const ServerConfig& config);
  ServerId take_free_server();
  void fill(ServerId id, const ServerConfig& config);
  void discard(ServerId id, const Service& service, Tick now);

  std::span<const SchedulerName> schedulers_;
  SchedulerSetup setup_;
  std::vector<MarkRule> marks_;
  Index index_;  // sorted
  Sorts sorts_;
  std::vector<std::unique_ptr<Service>> services_;  // by id
  std::vector<ServerRecord> servers_;               // by id
  std::vector<ServerDetails> details_;              // by id
  std::vector<ServerId> free_;
  std::vector<Trashed> trash_;
};

}  // namespace lvs::director
