#include "profiles/io/state_dir.h"

#include <sys/stat.h>

#include <system_error>

#include "profiles/io/state_base.h"

namespace lvs::profiles {
namespace {

/// Two descriptions of a namespace are the same when inode and device are. An ordinary user may not
/// look at another's, and is told no.
bool is_own_netns(const std::string& path) {
  struct stat other {};
  struct stat own {};
  return ::stat(path.c_str(), &other) == 0 && ::stat("/proc/thread-self/ns/net", &own) == 0 &&
         other.st_dev == own.st_dev && other.st_ino == own.st_ino;
}

}  // namespace

Result<StateDir> StateDir::locate(const std::optional<std::string>& base, const Places& places) {
  LVS_TRY(const std::filesystem::path folder, state_base(base));
  LVS_TRY(const linux_net::NamespaceId id, linux_net::current_namespace_id());
  const std::uint64_t number = id.cookie != 0 ? id.cookie : id.inode;
  return StateDir(folder / ("ns-" + std::to_string(number)), places.journals(), id,
                  is_own_netns(places.boot_netns));
}

std::filesystem::path StateDir::journal(const std::string& profile_name) const {
  return path_ / (profile_name + ".journal");
}

std::filesystem::path StateDir::persistent_journal(const std::string& profile_name) const {
  return persistent_ / (profile_name + ".journal");
}

std::filesystem::path StateDir::socket() const { return path_ / "director.sock"; }

Result<void> StateDir::create() const {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) return fail("make " + path_.string() + ": " + error.message(), error.value());
  return {};
}

}  // namespace lvs::profiles
