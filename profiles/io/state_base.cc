#include "profiles/io/state_base.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace lvs::profiles {
namespace {

const char* environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? nullptr : value;
}

/// A folder in /tmp that anybody could have made: only one that is ours and closed to others will
/// do.
Result<std::filesystem::path> private_folder_in_tmp() {
  const std::string path = "/tmp/lvskit-" + std::to_string(geteuid());
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail("make " + path, errno);
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return fail("look at " + path, errno);
  const bool ours = S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
                    (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  if (!ours)
    return fail(path + " is not a folder of ours alone; set XDG_RUNTIME_DIR or give --state-dir",
                EEXIST);
  return std::filesystem::path{path};
}

}  // namespace

Result<std::filesystem::path> state_base(const std::optional<std::string>& state_dir) {
  std::error_code error;
  if (state_dir) return std::filesystem::absolute(*state_dir, error);
  if (const char* said = environment("LVSKIT_STATE_DIR"))
    return std::filesystem::absolute(said, error);
  if (geteuid() == 0) return std::filesystem::path{"/run/lvskit"};
  if (const char* runtime = environment("XDG_RUNTIME_DIR"))
    return std::filesystem::path{runtime} / "lvskit";
  return private_folder_in_tmp();
}

}  // namespace lvs::profiles
