#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "director/core/records.h"
#include "net/wire/addr.h"

namespace lvs::bench {

/// Enough flows that neither the table nor its buckets fit into a cache of a core.
inline constexpr std::uint32_t kManyFlows = 1u << 20u;
/// As many as a batch: all that they need lies in the first caches.
inline constexpr std::uint32_t kHotFlows = 64;

/// What an engine is set up with, and which packets it gets.
struct Scene {
  Family family = Family::Ipv4;
  director::ForwardMethod method = director::ForwardMethod::Route;
  director::TunnelType tunnel = director::TunnelType::IpIp;
  /// Packets are replies of the servers (method Masq, one service, one server).
  bool replies = false;
  /// Each packet begins a flow, which ends after a minute of the engine's clock: some thousand are
  /// there at a time. Else packets are of `flows` that are there already, in random order.
  bool opens_flows = false;
  std::uint32_t flows = kHotFlows;
  std::uint32_t connections = kManyFlows;  ///< the table's size
  std::uint32_t services = 1;
  /// The flows are of all services in turn; else all of them are of the one in the middle.
  bool over_all_services = false;
  std::uint32_t servers = 1;      ///< of each service
  std::uint32_t weight_unit = 1;  ///< weights are one to four of these
  std::string scheduler = "rr";
};

/// New connections by this scheduler.
inline Scene scheduler_scene(std::string_view scheduler, std::uint32_t servers) {
  // `ovf` sends no more connections to a server than its weight, and each has some thousand here.
  const std::uint32_t unit = scheduler == "ovf" ? 10000 : 1;
  return {.opens_flows = true,
          .servers = servers,
          .weight_unit = unit,
          .scheduler = std::string(scheduler)};
}

}  // namespace lvs::bench
