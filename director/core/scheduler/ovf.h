#pragma once

#include <string_view>

#include "director/core/scheduler/lightest_server.h"

namespace lvs::director {

/// The highest weight among those whose active connections are not more than their weight, so that
/// one more than the weight fits (facts of IPVS, 1.2). UDP is never active, so it never overflows.
struct OverflowMeasure {
  static constexpr std::string_view kName = "ovf";
  static constexpr std::string_view kSummary = "the highest weight that is not full, then the next";

  static constexpr Share share_of(const ServerRecord& server) {
    if (!server.takes_new_flows()) return {};
    if (server.active > server.weight) return {};
    return {1, server.weight};
  }
};
using Overflow = LightestServer<OverflowMeasure>;

}  // namespace lvs::director
