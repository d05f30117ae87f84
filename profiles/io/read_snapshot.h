#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/linux/rtnetlink.h"
#include "profiles/core/snapshot.h"

namespace lvs::profiles {

/// The present state of the calling thread's network namespace. A kernel without nf_tables has no
/// withholdings. Reading nf_tables needs CAP_NET_ADMIN; a caller without it sees none.
Result<Snapshot> read_snapshot(linux_net::RouteSocket& route,
                               const std::vector<std::string>& sysctl_keys);

}  // namespace lvs::profiles
