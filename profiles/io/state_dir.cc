#include "profiles/io/state_dir.h"

#include <system_error>

#include "profiles/io/state_base.h"

namespace lvs::profiles {
Result<StateDir> StateDir::locate(const std::optional<std::string>& base) {
  LVS_TRY(const std::filesystem::path folder, state_base(base));
  LVS_TRY(const linux_net::NamespaceId id, linux_net::current_namespace_id());
  const std::uint64_t number = id.cookie != 0 ? id.cookie : id.inode;
  return StateDir(folder / ("ns-" + std::to_string(number)), id);
}

std::filesystem::path StateDir::journal(const std::string& profile_name) const {
  return path_ / (profile_name + ".journal");
}

std::filesystem::path StateDir::socket() const { return path_ / "director.sock"; }

Result<void> StateDir::create() const {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) return fail("make " + path_.string() + ": " + error.message(), error.value());
  return {};
}

}  // namespace lvs::profiles
