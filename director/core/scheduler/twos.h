#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "director/core/scheduler/chance.h"
#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/weight_sums.h"

namespace lvs::director {

struct SchedulerSetup;

/// The less loaded of two servers that chance names by their weights (facts of IPVS, 1.2;
/// Mitzenmacher, "The power of two choices in randomized load balancing", 2001). Chance draws from
/// 0 to the sum of the weights, both included, so the first in list order is a little likelier.
class PowerOfTwoChoices {
 public:
  static constexpr std::string_view kName = "twos";
  static constexpr std::string_view kSummary = "the less loaded of two that chance names";

  explicit PowerOfTwoChoices(const SchedulerSetup& setup);

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow);
  void on_added(const ServerList& servers);
  void on_removed(const ServerList& servers, std::size_t seat);
  void on_edited(const ServerList& servers, std::size_t seat) { on_load(servers, seat); }
  void on_load(const ServerList& servers, std::size_t seat);

 private:
  std::size_t draw();

  WeightSums weights_;  // 0 for those that take no flow
  Chance chance_;
};

}  // namespace lvs::director
