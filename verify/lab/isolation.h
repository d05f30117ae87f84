#pragma once

#include "net/base/result.h"
#include "net/linux/fd.h"

namespace lvs::verify {

/// Moves this process, which must have one thread, into namespaces of its own: mount (private, so
/// that nothing mounted later is seen outside) and network; as an ordinary user into a user
/// namespace first, in which that user is uid 0. Gives whether it made a user namespace. EPERM
/// names the right or the sysctl that is missing.
Result<bool> isolate();

/// Makes a network namespace and moves this process into it; the descriptor keeps it alive.
Result<linux_net::UniqueFd> new_net_namespace();

}  // namespace lvs::verify
