#include "profiles/io/state_dir.h"

#include <unistd.h>

#include <cstdlib>
#include <system_error>

namespace lvs::profiles {
namespace {

std::string from_environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<std::filesystem::path> base_folder(const std::optional<std::string>& given) {
  if (given) return std::filesystem::path(*given);
  if (const std::string said = from_environment("LVSKIT_STATE_DIR"); !said.empty())
    return std::filesystem::path(said);
  if (::geteuid() == 0) return std::filesystem::path("/run/lvskit");
  const std::string runtime = from_environment("XDG_RUNTIME_DIR");
  if (runtime.empty())
    return fail("no folder for the state: XDG_RUNTIME_DIR is not set; use --state-dir");
  return std::filesystem::path(runtime) / "lvskit";
}

}  // namespace

Result<StateDir> StateDir::locate(const std::optional<std::string>& base) {
  LVS_TRY(const std::filesystem::path folder, base_folder(base));
  LVS_TRY(const linux_net::NamespaceId id, linux_net::current_namespace_id());
  const std::uint64_t number = id.cookie != 0 ? id.cookie : id.inode;
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(folder, error);
  if (error) return fail(folder.string() + ": " + error.message(), error.value());
  return StateDir(whole / ("ns-" + std::to_string(number)), id);
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
