#pragma once

#include <vector>

#include "net/base/result.h"
#include "profiles/core/objects/decap.h"

namespace lvs::profiles {

/// The decapsulating processes of this user in the calling thread's network namespace, found by
/// their command lines.
Result<std::vector<DecapProcess>> find_decap_processes();

}  // namespace lvs::profiles
