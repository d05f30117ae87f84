#include "profiles/host/profile_name.h"

#include <filesystem>

#include "profiles/host/failure.h"
#include "profiles/io/profile_file.h"

namespace lvs::host {
HostResult<std::string> profile_name(const std::string& file_or_name) {
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(file_or_name, error);
  if (!is_file && profiles::is_profile_name(file_or_name)) return file_or_name;
  auto profile = profiles::read_profile_file(file_or_name);
  if (!profile) return refuse(failure_of(std::move(profile).error()));
  return std::move(profile->name);
}

}  // namespace lvs::host
