#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "director/core/scheduler/destination_cache.h"
#include "director/core/scheduler/locality.h"
#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/server_sets.h"

namespace lvs::director {

struct SchedulerSetup;

/// Each destination address has a set of servers: the least loaded of them is taken, unless it is
/// too busy; then wlc chooses another, which joins the set. A set of several that has not changed
/// for long loses its most loaded member (facts of IPVS, 1.6: with replication).
class LocalityBasedLeastConnectionReplicated {
 public:
  static constexpr std::string_view kName = "lblcr";
  static constexpr std::string_view kSummary = "each destination keeps a set of servers, else wlc";

  explicit LocalityBasedLeastConnectionReplicated(const SchedulerSetup& setup);

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
  std::optional<std::size_t> least_loaded(const ServerList& servers, const ServerSet& set) const;
  std::optional<ServerRoster::Number> most_loaded(const ServerList& servers,
                                                  const ServerSet& set) const;
  void shrink(const ServerList& servers, ServerSet& set, Tick now);
  void join(ServerSet& set, ServerRoster::Number number, Tick now);

  Ticks expiration_;
  Locality locality_;
  ServerSets sets_;
  DestinationCache<ServerSet> cache_;
};

}  // namespace lvs::director
