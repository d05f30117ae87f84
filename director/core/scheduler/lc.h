#pragma once

#include <string_view>

#include "director/core/scheduler/lightest_server.h"

namespace lvs::director {

/// The least overhead; weights ignored but for zero (facts of IPVS, 1.2).
struct LeastConnectionMeasure {
  static constexpr std::string_view kName = "lc";
  static constexpr std::string_view kSummary = "the server with the fewest connections";

  static constexpr Share share_of(const ServerRecord& server) {
    if (!server.takes_new_flows()) return {};
    return {overhead_of(server), 1};
  }
};
using LeastConnection = LightestServer<LeastConnectionMeasure>;

}  // namespace lvs::director
