#pragma once

#include <string_view>

#include "director/core/scheduler/lightest_server.h"

namespace lvs::director {

/// The least overhead by weight (facts of IPVS, 1.2): what ipvsadm takes when nobody says.
struct WeightedLeastConnectionMeasure {
  static constexpr std::string_view kName = "wlc";
  static constexpr std::string_view kSummary = "the fewest connections for its weight";

  static constexpr Share share_of(const ServerRecord& server) {
    if (!server.takes_new_flows()) return {};
    return {overhead_of(server), server.weight};
  }
};
using WeightedLeastConnection = LightestServer<WeightedLeastConnectionMeasure>;

}  // namespace lvs::director
