#pragma once

#include <string_view>

#include "director/core/scheduler/lightest_server.h"

namespace lvs::director {

/// The least load that it would have with this flow, by weight; inactive connections do not count
/// (facts of IPVS, 1.2).
struct ShortestExpectedDelayMeasure {
  static constexpr std::string_view kName = "sed";
  static constexpr std::string_view kSummary = "the shortest expected delay";

  static constexpr Share share_of(const ServerRecord& server) {
    if (!server.takes_new_flows()) return {};
    return {std::uint64_t{server.active} + 1, server.weight};
  }
};
using ShortestExpectedDelay = LightestServer<ShortestExpectedDelayMeasure>;

}  // namespace lvs::director
