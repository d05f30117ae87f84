#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lvs::bench {

/// A size in bytes, and the most that was promised; 0: nothing was.
struct MemoryFigure {
  std::string name;
  double bytes = 0;
  double limit = 0;
};

/// Bytes of the tables for each connection that they have room for, and what this process takes
/// from the machine with an engine that is empty, full, and empty again.
std::vector<MemoryFigure> memory_figures();

}  // namespace lvs::bench
