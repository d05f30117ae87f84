#include "net/linux/process_find.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string_view>

#include "net/linux/deadline.h"
#include "net/linux/fd.h"
#include "net/linux/file.h"
#include "net/linux/pidfd.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

constexpr std::size_t kMaxCommandLine = std::size_t{1} << 20;

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileId&, const FileId&) = default;
};

std::optional<FileId> id_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileId{status.st_dev, status.st_ino};
}

std::vector<std::string> split_at_nul(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// nullopt: gone, of another user or namespace, or not to be looked at.
std::optional<RunningProcess> look_at(pid_t pid, const FileId& network) {
  const std::string folder = "/proc/" + std::to_string(pid);
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 || status.st_uid != ::geteuid()) return std::nullopt;
  if (id_of(folder + "/ns/net") != network) return std::nullopt;
  const auto text = read_small_file(folder + "/cmdline", kMaxCommandLine);
  if (!text || text->empty()) return std::nullopt;
  return RunningProcess{pid, split_at_nul(*text)};
}

Result<FileId> this_namespace() {
  const auto network = id_of("/proc/thread-self/ns/net");
  if (!network) return fail_errno("look at /proc/thread-self/ns/net");
  return *network;
}

bool has_ended(int pidfd, std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  pollfd ended{pidfd, POLLIN, 0};
  int ready = 0;
  do {
    const timespec left = time_left(deadline);
    ready = ::ppoll(&ended, 1, &left, nullptr);
  } while (ready < 0 && errno == EINTR);
  return ready == 1;
}

/// A child of ours stays in the table until it is waited for; somebody else's is not ours to wait
/// for.
void reap(int pidfd) {
  siginfo_t info{};
  ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG);
}

}  // namespace

Result<std::vector<RunningProcess>> processes_of_this_namespace() {
  LVS_TRY(const FileId network, this_namespace());
  std::vector<RunningProcess> found;
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    pid_t pid = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (wrong != std::errc{} || end != name.data() + name.size()) continue;
    if (auto process = look_at(pid, network)) found.push_back(*std::move(process));
  }
  if (error) return fail_errno("list /proc", error.value());
  std::ranges::sort(found, {}, &RunningProcess::pid);
  return found;
}

Result<void> end_process(const RunningProcess& process, std::chrono::milliseconds grace) {
  const std::string what = "end process " + std::to_string(process.pid);
  LVS_TRY(const FileId network, this_namespace());
  // The descriptor first: what is looked at after it is what it means.
  const UniqueFd pidfd(::pidfd_open(process.pid, 0));
  if (!pidfd) return fail_errno(what);
  const auto now = look_at(process.pid, network);
  if (!now || now->command_line != process.command_line)
    return fail_errno(what + ": it is another one now", ESRCH);
  for (const int signal : {SIGTERM, SIGKILL}) {
    if (::pidfd_send_signal(pidfd.get(), signal, nullptr, 0) != 0 && errno != ESRCH)
      return fail_errno(what);
    if (has_ended(pidfd.get(), grace)) {
      reap(pidfd.get());
      return {};
    }
  }
  return fail_errno(what, ETIMEDOUT);
}

}  // namespace lvs::linux_net
