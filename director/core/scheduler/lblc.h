#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "director/core/scheduler/destination_cache.h"
#include "director/core/scheduler/locality.h"
#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

struct SchedulerSetup;

/// Each destination address keeps its server while that one is in the service, has a weight and is
/// not too busy; else wlc chooses, and the choice is remembered (facts of IPVS, 1.6). Made for
/// caches behind a mark. The OVERLOAD flag of a remembered server is not looked at.
class LocalityBasedLeastConnection {
 public:
  static constexpr std::string_view kName = "lblc";
  static constexpr std::string_view kSummary = "each destination keeps its server, else wlc";

  explicit LocalityBasedLeastConnection(const SchedulerSetup& setup);

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow);
  void on_added(const ServerList& servers) { locality_.on_added(servers); }
  void on_removed(const ServerList& servers, std::size_t seat) {
    locality_.on_removed(servers, seat);
  }
  void on_edited(const ServerList& servers, std::size_t seat) {
    locality_.on_edited(servers, seat);
  }
  void on_load(const ServerList& servers, std::size_t seat) { locality_.on_load(servers, seat); }
  void on_time(Tick now);

 private:
  std::optional<std::size_t> remembered(const ServerList& servers,
                                        ServerRoster::Number number) const;

  Locality locality_;
  DestinationCache<ServerRoster::Number> cache_;
};

}  // namespace lvs::director
