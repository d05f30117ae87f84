#pragma once

#include "net/base/result.h"

namespace lvs::director {

/// Gives up every capability but CAP_NET_ADMIN and CAP_NET_RAW, for good: also what a program
/// started from here could regain. For the calling thread and those that it starts, so it is called
/// before there are others. What remains is enough to take the set-up back (sysctls below
/// /proc/sys/net open for CAP_NET_ADMIN).
Result<void> keep_network_capabilities();

}  // namespace lvs::director
