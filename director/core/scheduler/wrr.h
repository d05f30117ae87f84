#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/weight_tree.h"

namespace lvs::director {

struct SchedulerSetup;

/// Each server in turn, as often as its weight says: passes over the list, each of which takes
/// those of at least a certain weight, and the next of a weight lower by the common divisor (facts
/// of IPVS, 1.3). So heavy servers have their turns in bursts.
///
/// IPVS walks. Here the passes that nobody can win are left out, which gives the same choice: the
/// next pass with a winner is the first whose weight is not above the greatest one.
class WeightedRoundRobin {
 public:
  static constexpr std::string_view kName = "wrr";
  static constexpr std::string_view kSummary = "each server in turn, as often as its weight says";

  explicit WeightedRoundRobin(const SchedulerSetup& /*setup*/) {}

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow);
  void on_started(const ServerList& servers);
  void on_added(const ServerList& servers);
  void on_removed(const ServerList& servers, std::size_t seat);
  void on_edited(const ServerList& servers, std::size_t seat);
  void on_load(const ServerList& servers, std::size_t seat);

 private:
  std::optional<std::size_t> pick_in_later_pass(std::size_t seats);
  void begin_anew(const ServerList& servers);
  std::optional<std::size_t> take_none_at_head();

  WeightTree weights_;  // 0 for overloaded servers
  /// The seat of the last choice; none: the turn is at the head of the list, before every server.
  std::optional<std::size_t> last_;
  std::uint32_t pass_ = 0;     // the weight of the pass that is going on: IPVS's cw
  std::uint32_t highest_ = 0;  // that of the first pass of a cycle: IPVS's mw
  std::uint32_t divisor_ = 1;  // IPVS's di
};

}  // namespace lvs::director
