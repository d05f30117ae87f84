#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "profiles/core/profile.h"
#include "profiles/core/read.h"

namespace lvs::profiles {

/// Why a profile could not be used: exit status 65 for every program.
struct BadProfile {
  std::string message;               ///< every mistake with its place, for people
  std::vector<ProfileError> errors;  ///< empty when the file could not be read
};

/// Reads and checks a profile.
tl::expected<Profile, BadProfile> read_profile_file(const std::string& file);

}  // namespace lvs::profiles
