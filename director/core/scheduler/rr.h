#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/seat_set.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

struct SchedulerSetup;

/// Each server in turn, weights ignored but for zero (facts of IPVS, 1.2). It remembers the server
/// that it chose last, not the next one: a server that is added at the head gets its turn after the
/// wrap, and removing the remembered one hands the turn to its successor.
class RoundRobin {
 public:
  static constexpr std::string_view kName = "rr";
  static constexpr std::string_view kSummary = "each server in turn";

  explicit RoundRobin(const SchedulerSetup& /*setup*/) {}

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow);
  void on_added(const ServerList& servers);
  void on_removed(const ServerList& servers, std::size_t seat);
  void on_edited(const ServerList& servers, std::size_t seat) { on_load(servers, seat); }
  void on_load(const ServerList& servers, std::size_t seat);

 private:
  SeatSet eligible_;
  /// The seat of the last choice; none: the turn is at the head of the list, before every server.
  std::optional<std::size_t> last_;
};

}  // namespace lvs::director
