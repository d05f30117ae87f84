#pragma once

#include <string>

#include "profiles/core/profile.h"
#include "verify/core/failure.h"

namespace lvs::verify {

/// Reads and checks a profile. A file that cannot be read is 1, a profile with mistakes 65 with all
/// of them listed.
Outcome<profiles::Profile> load_profile(const std::string& path);

}  // namespace lvs::verify
