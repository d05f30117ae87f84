#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/seat_buckets.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

struct SchedulerSetup;

/// The server that the destination's address hashes to, or none where that one takes no flow: made
/// for caches behind a mark (facts of IPVS, 1.2 and 1.4). Weights do not count but for zero.
class DestinationHashing {
 public:
  static constexpr std::string_view kName = "dh";
  static constexpr std::string_view kSummary = "by the hash of the destination's address";

  explicit DestinationHashing(const SchedulerSetup& /*setup*/) {}

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow) const;
  void on_started(const ServerList& servers) { fill(servers); }
  void on_added(const ServerList& servers) { fill(servers); }
  void on_removed(const ServerList& servers, std::size_t /*seat*/) { fill(servers); }

 private:
  void fill(const ServerList& servers);

  SeatBuckets buckets_;
};

}  // namespace lvs::director
