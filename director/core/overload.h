#pragma once

#include <cstdint>

#include "director/core/records.h"

// Thresholds (facts of IPVS, 2.7). They count all connections of a server, not only the active
// ones; templates do not count, but one that begins or ends has the figures looked at.

namespace lvs::director {

/// After a connection or a template was bound: only this sets the flag.
constexpr void note_bound(ServerRecord& server) {
  if (server.upper != 0 && server.active + server.inactive >= server.upper)
    server.flags |= server_flag::kOverload;
}

/// After a connection or a template ended: without a lower threshold at three quarters of the upper
/// one, without an upper one at once.
constexpr void note_unbound(ServerRecord& server) {
  const std::uint64_t total = std::uint64_t{server.active} + server.inactive;
  const bool clear = server.lower != 0   ? total < server.lower
                     : server.upper != 0 ? total * 4 < std::uint64_t{server.upper} * 3
                                         : true;
  if (clear) server.flags = static_cast<std::uint8_t>(server.flags & ~server_flag::kOverload);
}

/// Before `upper` takes its new value: an equal or smaller one leaves the flag as it is.
constexpr void note_new_upper(ServerRecord& server, std::uint32_t upper) {
  if (upper == 0 || upper > server.upper)
    server.flags = static_cast<std::uint8_t>(server.flags & ~server_flag::kOverload);
}

}  // namespace lvs::director
