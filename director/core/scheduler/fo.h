#pragma once

#include <string_view>

#include "director/core/scheduler/lightest_server.h"

namespace lvs::director {

/// All flows to the highest weight of those that take any (facts of IPVS, 1.2).
struct FailoverMeasure {
  static constexpr std::string_view kName = "fo";
  static constexpr std::string_view kSummary = "the server with the highest weight";

  static constexpr Share share_of(const ServerRecord& server) {
    if (!server.takes_new_flows()) return {};
    return {1, server.weight};
  }
};
using Failover = LightestServer<FailoverMeasure>;

}  // namespace lvs::director
