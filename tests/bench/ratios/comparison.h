#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/workload/scene.h"

namespace lvs::bench {

/// Two scenes and how many times longer a packet may take in the second.
struct Comparison {
  std::string name;
  Scene base{};
  Scene other{};
  std::optional<double> limit{};  ///< none: told, not promised
};

struct Compared {
  double base_ns = 0;  ///< a packet; the median of the rounds
  double other_ns = 0;
  double ratio = 0;      ///< the median of the rounds' own ratios
  double deviation = 0;  ///< the median distance from it
};

/// What docs/performance.md promises of the engine, and what belongs beside it.
std::vector<Comparison> all_comparisons();

/// Takes the two in turn, some milliseconds each, so that what else the machine does meets both.
Compared compare(const Comparison& comparison, std::size_t rounds);

}  // namespace lvs::bench
