#pragma once

#include <vector>

#include "profiles/core/read/value.h"

namespace lvs::profiles::reading {

/// The keys of the file that this version reads and checks but does not act on yet, in the order of
/// the file. What works is `plan`'s to do, what does not is `plan`'s to say: nothing is ignored in
/// silence.
std::vector<NotYet> find_not_yet(const Value& root);

}  // namespace lvs::profiles::reading
