#pragma once

#include "net/base/result.h"
#include "net/linux/rtnetlink.h"
#include "profiles/core/abilities.h"

namespace lvs::profiles {

/// What the kernel and our rights allow in the calling thread's network namespace. Changes nothing:
/// no module is loaded by looking.
Result<Abilities> read_abilities(linux_net::RouteSocket& route);

}  // namespace lvs::profiles
