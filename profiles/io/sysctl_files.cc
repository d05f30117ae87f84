#include "profiles/io/sysctl_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "net/linux/file.h"

namespace lvs::profiles {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolders[] = {"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
                                    "/usr/lib/sysctl.d", "/lib/sysctl.d"};

bool is_masked(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  return !error && target == "/dev/null";
}

std::vector<SysctlFile> read_folder(const fs::path& folder) {
  std::vector<SysctlFile> files;
  std::error_code error;
  for (fs::directory_iterator items(folder, error); !error && items != fs::directory_iterator();
       items.increment(error)) {
    const fs::path& path = items->path();
    if (path.extension() != ".conf") continue;
    if (is_masked(path)) {
      files.push_back({path.string(), "", true});
    } else if (auto text = linux_net::read_small_file(path.string())) {
      files.push_back({path.string(), *std::move(text), false});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SysctlFile& a, const SysctlFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace

std::vector<std::vector<SysctlFile>> read_sysctl_files(const std::string& root) {
  std::vector<std::vector<SysctlFile>> folders;
  std::set<fs::path> seen;
  for (const char* name : kFolders) {
    // /lib is a link to /usr/lib on a merged system.
    std::error_code error;
    const fs::path folder = fs::canonical(root + name, error);
    if (error || !seen.insert(folder).second) continue;
    folders.push_back(read_folder(root + name));
  }
  return folders;
}

}  // namespace lvs::profiles
