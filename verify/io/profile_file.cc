#include "verify/io/profile_file.h"

#include <utility>

#include "profiles/io/profile_file.h"

namespace lvs::verify {

Outcome<profiles::Profile> load_profile(const std::string& path) {
  auto profile = profiles::read_profile_file(path);
  if (profile) return std::move(*profile);
  return refuse(ExitStatus::BadProfile, std::move(profile).error().message);
}

}  // namespace lvs::verify
