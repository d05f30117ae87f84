#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "director/core/config.h"

namespace lvs::test {

/// A real server of one service; kept while connections, or a scheduler's memory, refer to it, also
/// after its removal (facts 2.10).
struct ModelServer {
  director::ServiceKey service;
  director::ServerConfig config;
  std::uint32_t last_weight = 0;
  bool available = true;  ///< in its service's list
  bool overload = false;
  std::uint32_t active = 0;
  std::uint32_t inactive = 0;
  std::uint32_t persistent = 0;

  std::uint32_t connections() const { return active + inactive; }
  /// Facts 1.1.
  bool takes_new() const { return config.weight > 0 && !overload; }
};

using ServerPointer = std::shared_ptr<ModelServer>;
using ServerPointers = std::vector<ServerPointer>;

}  // namespace lvs::test
