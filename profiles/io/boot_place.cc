#include "profiles/io/boot_place.h"

#include <filesystem>
#include <system_error>

namespace lvs::profiles {
namespace {

namespace fs = std::filesystem;

Result<std::string> canonical(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::canonical(path, error);
  if (error) return fail("find " + path + ": " + error.message(), error.value());
  return whole.string();
}

}  // namespace

std::vector<std::string> missing_for_boot(const Places& places, const StateDir& state) {
  std::vector<std::string> missing;
  if (!state.is_boot_namespace()) {
    missing.emplace_back(
        "this is not the network namespace that the system boots in, so --persistent cannot set it "
        "up at boot; without --persistent it works here too");
  }
  for (const std::string& folder : {places.sysctl_folder(), places.unit_folder()}) {
    std::error_code error;
    if (fs::is_directory(folder, error)) continue;
    missing.push_back("there is no folder " + folder +
                      ": --persistent needs systemd to set the host up at boot; without "
                      "--persistent nothing of it is needed");
  }
  return missing;
}

Result<std::string> own_program() { return canonical("/proc/self/exe"); }

Result<std::string> whole_path(const std::string& file) { return canonical(file); }

}  // namespace lvs::profiles
