#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "director/core/connection_table.h"
#include "director/core/fragment_table.h"
#include "director/core/ftp/sessions.h"
#include "director/core/path_mtu.h"
#include "director/core/path_settings.h"
#include "director/core/route_cache.h"
#include "director/core/service_table.h"
#include "director/core/tables.h"
#include "net/base/result.h"

namespace lvs::director {

/// All that a packet may change: the tables of tables.h in this process's memory, for both
/// families.
///
/// The links between records are kept here: a server counts its connections, a template or an FTP
/// control connection those that it controls. What controls others is never erased: it stays for 60
/// s at a time until they are gone (facts of IPVS, 2.4 and 2.8).
class LiveTables {
 public:
  struct Setup {
    std::uint32_t connections = 1;  ///< of both families and templates together
    HashKey key{};
    std::span<const SchedulerName> schedulers;
    SchedulerSetup scheduler{};
    std::uint32_t ftp_sessions = 0;
  };
  /// Bytes for this many connections, of whichever family. Those of the other family are never
  /// touched, so they cost no memory.
  static constexpr std::size_t bytes_for(std::uint32_t connections) {
    return ipv4_bytes(connections) + ConnectionTable<Ipv6Addr>::bytes_for(connections);
  }
  /// `memory` holds zeros, is aligned for std::max_align_t, and outlives this object.
  LiveTables(std::span<std::byte> memory, const Setup& setup);

  ServiceTable services;
  RouteCache routes;
  PathMtus path_mtus;
  FtpSessions ftp;  ///< one ends with its control connection's record
  PathSettings path_settings{};

  template <typename Addr>
  ConnectionTable<Addr>& connections() {
    if constexpr (std::is_same_v<Addr, Ipv4Addr>) return connections4_;
    if constexpr (std::is_same_v<Addr, Ipv6Addr>) return connections6_;
  }
  template <typename Addr>
  const ConnectionTable<Addr>& connections() const {
    if constexpr (std::is_same_v<Addr, Ipv4Addr>) return connections4_;
    if constexpr (std::is_same_v<Addr, Ipv6Addr>) return connections6_;
  }
  template <typename Addr>
  FragmentTable<Addr>& fragments() {
    if constexpr (std::is_same_v<Addr, Ipv4Addr>) return fragments4_;
    if constexpr (std::is_same_v<Addr, Ipv6Addr>) return fragments6_;
  }

  // What tables.h asks for.
  template <typename Addr>
  Connection<Addr>* find(const FlowKey<Addr>& key, Tick now) const {
    return connections<Addr>().find_from_client(key, now);
  }
  template <typename Addr>
  Connection<Addr>* find_from_server(const FlowKey<Addr>& key, Tick now) const {
    return connections<Addr>().find_from_server(key, now);
  }
  ServerRecord* server(ServerId id) { return services.server(id); }
  const ServiceRecord* service(ServiceId id) const {
    const Service* const found = services.service(id);
    return found == nullptr ? nullptr : &found->record;
  }
  const NextHopRecord* next_hop(NextHopId id) const {
    return id.number == 0 || id.number > next_hops_.size() ? nullptr : &next_hops_[id.number - 1u];
  }
  /// Less than the next hop's own, or 0.
  std::uint16_t path_mtu(NextHopId id, Tick now);
  WayBack way_back(const IpAddr& client, Tick now) { return routes.find(client, now); }
  const PathSettings& settings() const { return path_settings; }
  std::uint16_t next_packet_id() { return ++packet_id_; }
  template <typename Addr>
  void rearm(Connection<Addr>& connection, Tick expires_at) {
    connections<Addr>().rearm(connection, expires_at);
  }
  void count_active(ServerId id);
  void count_inactive(ServerId id);
  void count_in(ServerId id, std::uint32_t bytes);
  void count_out(ServerId id, std::uint32_t bytes);
  template <typename Addr>
  void assure(Connection<Addr>& connection);

  // The life of a record.
  std::uint32_t connection_count() const { return connections4_.size() + connections6_.size(); }
  std::uint32_t capacity() const { return capacity_; }
  bool is_full() const { return connection_count() >= capacity_; }
  /// Puts a conversation or a template in and counts it for its server (not in the statistics);
  /// what was over and in its way ends. nullptr: the table is full, or a key is taken.
  template <typename Addr>
  Connection<Addr>* open(const Connection<Addr>& wanted, Tick now);
  /// `child` belongs to `parent` from now on, or to what controls that one.
  template <typename Addr>
  void attach(Connection<Addr>& child, Connection<Addr>& parent);
  /// nullptr: nothing controls it.
  template <typename Addr>
  Connection<Addr>* parent_of(const Connection<Addr>& connection);

  /// The time of a record is over: its server counts one less, its place is free. One that controls
  /// others stays for another 60 s, and 60 s are its timeout from then on.
  template <typename Addr>
  void end(Connection<Addr>& connection);
  /// Ends a record before its time. With the last connection of an FTP control connection, or of a
  /// template that was never answered, that goes too (facts of IPVS, 2.8).
  template <typename Addr>
  void force_out(Connection<Addr>& connection, Tick now);
  /// Ends a conversation whose keys a new one takes; one that controls others is only not found any
  /// more.
  template <typename Addr>
  void give_way(Connection<Addr>& connection);
  /// Ends what has expired; looks at no more than `limit` records a family. True when there may be
  /// more.
  bool expire(Tick now, std::size_t limit);

  /// A flow began: for the statistics of its server and service.
  void count_opened(ServerId id);

  /// An error when there are 65535.
  Result<NextHopId> add_next_hop(const NextHop& hop);
  void set_next_hop(NextHopId id, const NextHop& hop);

 private:
  static constexpr std::size_t kAlignment = 64;

  static constexpr std::size_t ipv4_bytes(std::uint32_t connections) {
    const std::size_t bytes = ConnectionTable<Ipv4Addr>::bytes_for(connections);
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  template <typename Addr>
  Connection<Addr>* take_out(Connection<Addr>& connection);
  template <typename Addr>
  void keep(Connection<Addr>& connection, Tick from);
  template <typename Count>
  void count(ServerId id, Count add);
  template <typename Addr>
  bool expire_of(Tick now, std::size_t limit);

  std::uint32_t capacity_;
  ConnectionTable<Ipv4Addr> connections4_;
  ConnectionTable<Ipv6Addr> connections6_;
  FragmentTable<Ipv4Addr> fragments4_;
  FragmentTable<Ipv6Addr> fragments6_;
  std::vector<NextHop> next_hops_;  ///< by id
  std::uint16_t packet_id_;
};
static_assert(Tables<LiveTables, Ipv4Addr> && Tables<LiveTables, Ipv6Addr>);

}  // namespace lvs::director
