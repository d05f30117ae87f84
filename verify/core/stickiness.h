#pragma once

#include <string>
#include <vector>

#include "verify/core/report.h"
#include "verify/core/rotation.h"

namespace lvs::verify {

/// Who served one connection.
struct Served {
  Endpoint client;
  std::string host;
};

/// Check "rotation.order" of a persistent service: a client, which is all addresses that agree in
/// the service's mask, stays on the server of its first connection, and new clients are given
/// servers as the scheduler's rules say: with rr one after the other.
Check judge_stickiness(const RotationEvidence& seen, const std::vector<Served>& served);

}  // namespace lvs::verify
