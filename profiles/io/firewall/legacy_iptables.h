#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/snapshot.h"

namespace lvs::profiles {

/// x_tables' filter tables, where this namespace has them: their chains at our hooks, and rules of
/// ours in them. Without the program that reads them a chain is there that nobody may write to and
/// that is taken to drop.
Result<void> read_legacy_iptables(Snapshot& snapshot);

Result<void> add_legacy_rule(const ForeignRule& rule);
Result<void> remove_legacy_rule(const ForeignRule& rule);

}  // namespace lvs::profiles
