#pragma once

#include <string>

#include "profiles/host/host_part.h"

namespace lvs::host {

/// The name of a profile that was given as a file or by its bare name: `revert` must work when the
/// file is gone.
HostResult<std::string> profile_name(const std::string& file_or_name);

}  // namespace lvs::host
