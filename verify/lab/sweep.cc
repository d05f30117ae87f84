#include "verify/lab/sweep.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "net/linux/fd.h"
#include "net/linux/namespace.h"

namespace lvs::verify {
namespace {

using linux_net::NamespaceId;
using linux_net::UniqueFd;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kGrace{5};
constexpr int kMostRounds = 8;  // a process that forks while it is being ended

struct Target {
  pid_t pid = 0;
  UniqueFd pidfd;
};

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
}

void send_signal(const Target& target, int number) {
  syscall(SYS_pidfd_send_signal, target.pidfd.get(), number, nullptr, 0);
}

bool ends_until(const Target& target, Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd waiting{.fd = target.pidfd.get(), .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, left > 0 ? static_cast<int>(left) : 0) == 1;
}

std::uint64_t netns_inode(const std::string& proc) {
  struct stat status {};
  return stat((proc + "/ns/net").c_str(), &status) == 0 ? status.st_ino : 0;
}

/// The identity of another process's network namespace, read inside it by a child of ours.
std::optional<NamespaceId> id_of(const std::string& proc) {
  const UniqueFd users{open((proc + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC)};
  const UniqueFd network{open((proc + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<int, 2> ends{};
  if (!users || !network || pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const UniqueFd reading{ends[0]};
  UniqueFd writing{ends[1]};
  const pid_t child = fork();
  if (child == 0) {
    // Entering our own user namespace again is refused (EINVAL) and not needed.
    static_cast<void>(setns(users.get(), CLONE_NEWUSER));
    if (setns(network.get(), CLONE_NEWNET) != 0) _exit(1);
    const auto id = linux_net::current_namespace_id();
    if (!id) _exit(1);
    _exit(write(writing.get(), &*id, sizeof *id) == static_cast<ssize_t>(sizeof *id) ? 0 : 1);
  }
  writing = UniqueFd{};
  NamespaceId id{};
  const bool read_whole =
      child > 0 && read(reading.get(), &id, sizeof id) == static_cast<ssize_t>(sizeof id);
  if (child > 0) waitpid(child, nullptr, 0);
  return read_whole ? std::optional{id} : std::nullopt;
}

bool belongs_to(const LabRecord& record, const std::string& proc) {
  const std::uint64_t inode = netns_inode(proc);
  const bool candidate = inode != 0 && std::any_of(record.hosts.begin(), record.hosts.end(),
                                                   [inode](const RecordedHost& host) {
                                                     return host.id.inode == inode;
                                                   });
  if (!candidate) return false;
  const auto id = id_of(proc);
  return id && std::any_of(record.hosts.begin(), record.hosts.end(),
                           [&id](const RecordedHost& host) { return host.id == *id; });
}

std::vector<Target> find_processes(const LabRecord& record) {
  std::vector<Target> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc", error}) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto pid = static_cast<pid_t>(std::stol(name));
    if (pid == getpid() || pid == record.holder.pid) continue;
    UniqueFd pidfd = open_pidfd(pid);
    // Looked at after the descriptor was opened: it cannot come to mean another process.
    if (!pidfd || !belongs_to(record, entry.path().string())) continue;
    found.push_back({pid, std::move(pidfd)});
  }
  return found;
}

void end_all(const std::vector<Target>& targets) {
  for (const Target& target : targets) send_signal(target, SIGTERM);
  const auto deadline = Clock::now() + kGrace;
  for (const Target& target : targets) {
    if (ends_until(target, deadline)) continue;
    send_signal(target, SIGKILL);
    ends_until(target, Clock::now() + kGrace);
  }
}

Result<void> end_holder(const LabRecord& record) {
  std::vector<Target> holder;
  holder.push_back({record.holder.pid, open_pidfd(record.holder.pid)});
  if (!holder.front().pidfd || !is_running(record.holder)) return {};
  end_all(holder);
  if (ends_until(holder.front(), Clock::now())) return {};
  return fail("the lab's holder, pid " + std::to_string(record.holder.pid) + ", does not end");
}

}  // namespace

Result<void> end_processes(const LabRecord& record) {
  const auto boot = linux_net::boot_id();
  if (boot && *boot != record.boot_id) return {};  // nothing of another boot is left
  std::vector<Target> rest = find_processes(record);
  for (int round = 0; round < kMostRounds && !rest.empty(); ++round) {
    end_all(rest);
    rest = find_processes(record);
  }
  LVS_CHECK(end_holder(record));
  if (rest.empty()) return {};
  return fail("process " + std::to_string(rest.front().pid) + " of the lab does not end");
}

}  // namespace lvs::verify
