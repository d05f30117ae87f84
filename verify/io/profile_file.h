#pragma once

#include <string>

#include "profiles/core/profile.h"
#include "verify/core/failure.h"

namespace lvs::verify {

/// Reads and checks a profile; 65 with every mistake listed, also when the file cannot be read.
Outcome<profiles::Profile> load_profile(const std::string& path);

}  // namespace lvs::verify
