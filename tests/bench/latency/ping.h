#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "net/base/result.h"

namespace lvs::bench {

/// Who is asked: a UDP echo behind some way.
struct Target {
  std::string name;
  std::string endpoint;
};

struct PingPlan {
  std::vector<Target> targets;
  std::size_t rounds = 9;   ///< in each, all targets in turn
  std::size_t count = 200;  ///< pings of a target in a round
  std::chrono::microseconds gap{100};
};

/// Microseconds from before a datagram was sent until its echo was read.
struct Times {
  std::string name;
  std::vector<double> all;
  std::vector<double> medians;  ///< of the rounds, in order
  std::size_t lost = 0;         ///< not back within a second
};

Result<std::vector<Times>> ping(const PingPlan& plan);

/// Answers every datagram at this endpoint until the process is ended.
Result<void> echo(const std::string& endpoint);

}  // namespace lvs::bench
