#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/tournament.h"

namespace lvs::director {

struct SchedulerSetup;

/// The schedulers that compare all servers and take the best, the first in list order of equals.
/// Each is a Measure: `kName`, `kSummary`, and `share_of(server)`, the share by which it compares;
/// one that carries nothing is never chosen.
template <typename Measure>
class LightestServer {
 public:
  static constexpr std::string_view kName = Measure::kName;
  static constexpr std::string_view kSummary = Measure::kSummary;

  LightestServer() = default;
  explicit LightestServer(const SchedulerSetup& /*setup*/) {}

  std::optional<std::size_t> pick(const ServerList& /*servers*/, const NewFlow& /*flow*/) const {
    return lightest();
  }
  std::optional<std::size_t> lightest() const { return tournament_.winner(); }

  void on_added(const ServerList& servers) {
    tournament_.push_back(Measure::share_of(servers[servers.size() - 1]));
  }
  void on_removed(const ServerList& /*servers*/, std::size_t seat) { tournament_.erase(seat); }
  void on_edited(const ServerList& servers, std::size_t seat) { on_load(servers, seat); }
  void on_load(const ServerList& servers, std::size_t seat) {
    tournament_.set(seat, Measure::share_of(servers[seat]));
  }

 private:
  Tournament tournament_;
};

}  // namespace lvs::director
