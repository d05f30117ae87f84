#pragma once

#include "net/base/result.h"
#include "net/linux/rtnetlink.h"
#include "profiles/core/snapshot.h"

namespace lvs::profiles {

/// The present state of the calling thread's network namespace. What this kernel does not have is
/// not there. Reading nf_tables needs CAP_NET_ADMIN; a caller without it sees no tables.
Result<Snapshot> read_snapshot(linux_net::RouteSocket& route, const Look& look);

}  // namespace lvs::profiles
