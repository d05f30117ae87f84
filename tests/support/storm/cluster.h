#pragma once

#include <cstdint>
#include <vector>

#include "director/core/engine.h"
#include "tests/support/storm/choices.h"

namespace lvs::test {

/// What a storm blows through: services of every kind in both families, each server of which has
/// an address of its own, and next hops.
///
/// Of each family: tcp 80 (every method), udp 53 (every tunnel), sctp 80, every port of another VIP
/// (persistent), tcp 21 (nat), udp 5000 (one-packet), mark 7, and tcp 81 without a server. Of a
/// tunnel's servers one is of the other family.
struct StormCluster {
  struct Server {
    director::ServiceKey service{};
    director::ServerConfig config{};
  };
  std::vector<director::ServiceConfig> services;
  std::vector<Server> servers;
  std::vector<director::NextHopId> hops;     ///< to servers
  std::vector<director::NextHopId> ways;     ///< back to clients
  static constexpr std::uint32_t kMark = 7;  ///< also by rule: ports 90 to 95 of the first VIP

  /// Everything is told to the engine. Schedulers and persistence differ by `choices`.
  StormCluster(director::Engine& engine, Choices& choices);

  /// The next state of a next hop: MTU, and mostly a neighbour that is known.
  static director::NextHop next_hop(Choices& choices, std::uint32_t number);
  /// Adds, edits or removes a service or a server, or changes the settings. What the engine
  /// refuses, because it is so already, leaves it as it was.
  void change(director::Engine& engine, Choices& choices, Tick now);
  /// Takes every service away.
  void clear(director::Engine& engine, Tick now);

 private:
  void add_family(Family family, Choices& choices);
  void add(const director::ServiceConfig& service,
           std::vector<director::ServerConfig> service_servers);
  void restore(director::Engine& engine, const director::ServiceConfig& service) const;
};

/// The service's address, and that of the service of every port.
IpAddr storm_vip(Family family);
IpAddr storm_other_vip(Family family);
/// One of a few.
IpAddr storm_client(Family family, std::uint32_t number);
inline constexpr std::uint32_t kStormClients = 6;

}  // namespace lvs::test
