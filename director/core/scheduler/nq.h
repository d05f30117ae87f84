#pragma once

#include <string_view>

#include "director/core/scheduler/lightest_server.h"

namespace lvs::director {

/// The first in list order without an active connection, whatever its weight; when there is none,
/// as sed (facts of IPVS, 1.2).
struct NeverQueueMeasure {
  static constexpr std::string_view kName = "nq";
  static constexpr std::string_view kSummary = "an idle server, else the shortest expected delay";

  static constexpr Share share_of(const ServerRecord& server) {
    if (!server.takes_new_flows()) return {};
    if (server.active == 0) return {0, 1};
    return {std::uint64_t{server.active} + 1, server.weight};
  }
};
using NeverQueue = LightestServer<NeverQueueMeasure>;

}  // namespace lvs::director
