#pragma once

#include <cstdint>

namespace lvs::director {

/// What the packets of existing flows need of EngineSettings, with "automatic" decided. Fixed
/// width: an XDP program reads it from a map. Freestanding.
struct PathSettings {
  std::uint8_t conn_reuse_mode = 1;
  bool secure_tcp = false;  ///< in force now
  bool pmtu_disc = true;
};

}  // namespace lvs::director
