#pragma once

#include <string>
#include <vector>

#include "profiles/core/managers.h"

namespace lvs::profiles {

/// Finds those that manage the calling thread's network namespace: only a process in it counts, not
/// one of the machine around a container. `root` is where /etc is. What may not be looked at is not
/// found: this only explains.
std::vector<FoundManager> find_managers(const std::string& root);

}  // namespace lvs::profiles
