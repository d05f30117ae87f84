#pragma once

#include <string>

#include "profiles/host/host_part.h"

namespace lvs::host {

/// Reads and checks a profile; 65 with every error listed, also when the file cannot be read.
HostResult<profiles::Profile> read_profile_file(const std::string& file);

}  // namespace lvs::host
