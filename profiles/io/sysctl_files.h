#pragma once

#include <string>
#include <vector>

#include "profiles/core/sysctl_files.h"

namespace lvs::profiles {

/// Reads the folders of sysctl.d(5) below `root`. What cannot be read is left out: this only
/// explains.
std::vector<std::vector<SysctlFile>> read_sysctl_files(const std::string& root);

}  // namespace lvs::profiles
