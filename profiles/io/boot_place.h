#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/places.h"
#include "profiles/io/state_dir.h"

namespace lvs::profiles {

/// What this system lacks to be set up at boot, each a sentence; empty when it can be.
std::vector<std::string> missing_for_boot(const Places& places, const StateDir& state);

/// The running program's file.
Result<std::string> own_program();

/// The file's absolute path, without links, so that it means the same at boot.
Result<std::string> whole_path(const std::string& file);

}  // namespace lvs::profiles
