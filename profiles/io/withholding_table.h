#pragma once

#include "net/base/result.h"
#include "profiles/core/snapshot.h"

// The nft table that keeps service packets from the kernel. Each call is one transaction.

namespace lvs::profiles {

Result<void> add_withholding(const Withholding& table);
Result<void> remove_withholding(const Withholding& table);
/// There is no moment between the old table and the new one.
Result<void> replace_withholding(const Withholding& before, const Withholding& after);

}  // namespace lvs::profiles
