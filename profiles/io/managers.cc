#include "profiles/io/managers.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>

#include "net/linux/file.h"

namespace lvs::profiles {
namespace {

namespace fs = std::filesystem;

/// /proc/PID/comm is cut off at 15 bytes.
constexpr std::array<std::pair<const char*, Manager>, 4> kProcesses{
    {{"systemd-network", Manager::Networkd},
     {"NetworkManager", Manager::NetworkManager},
     {"firewalld", Manager::Firewalld},
     {"dockerd", Manager::Docker}}};

std::string first_line(const std::string& path) {
  auto text = linux_net::read_small_file(path);
  if (!text) return "";
  return text->substr(0, text->find('\n'));
}

bool in_own_netns(const std::string& process) {
  struct stat other {};
  struct stat own {};
  return ::stat((process + "/ns/net").c_str(), &other) == 0 &&
         ::stat("/proc/thread-self/ns/net", &own) == 0 && other.st_dev == own.st_dev &&
         other.st_ino == own.st_ino;
}

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void find_processes(std::vector<FoundManager>& found) {
  std::error_code error;
  for (fs::directory_iterator items("/proc", error); !error && items != fs::directory_iterator();
       items.increment(error)) {
    const std::string pid = items->path().filename();
    if (!is_number(pid)) continue;
    std::string name = first_line("/proc/" + pid + "/comm");
    const auto* known = std::find_if(kProcesses.begin(), kProcesses.end(),
                                     [&](const auto& process) { return name == process.first; });
    if (known == kProcesses.end() || !in_own_netns("/proc/" + pid)) continue;
    found.push_back({known->second, "process " + pid});
  }
}

bool says(const std::string& file, const std::string& line) {
  const auto text = linux_net::read_small_file(file);
  return text && ("\n" + *text).find("\n" + line) != std::string::npos;
}

/// True in the namespace that the system's services run in: as far as can be seen, that of PID 1.
bool is_of_system(const std::string& root) { return !root.empty() || in_own_netns("/proc/1"); }

/// These have no process that stays: only what is switched on tells.
void find_services(std::vector<FoundManager>& found, const std::string& root) {
  if (!is_of_system(root)) return;
  if (says(root + "/etc/ufw/ufw.conf", "ENABLED=yes"))
    found.push_back({Manager::Ufw, root + "/etc/ufw/ufw.conf says ENABLED=yes"});
  const std::string unit = "/etc/systemd/system/sysinit.target.wants/nftables.service";
  std::error_code error;
  if (fs::is_symlink(root + unit, error)) found.push_back({Manager::Nftables, "it is enabled"});
}

}  // namespace

std::vector<FoundManager> find_managers(const std::string& root) {
  std::vector<FoundManager> found;
  find_processes(found);
  find_services(found, root);
  const auto by_manager = [](const FoundManager& a, const FoundManager& b) {
    return a.manager < b.manager;
  };
  std::stable_sort(found.begin(), found.end(), by_manager);
  const auto same = [](const FoundManager& a, const FoundManager& b) {
    return a.manager == b.manager;
  };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

}  // namespace lvs::profiles
