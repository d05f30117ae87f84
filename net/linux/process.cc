#include "net/linux/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <utility>

#include "net/linux/deadline.h"
#include "net/linux/file.h"
#include "net/linux/pidfd.h"
#include "net/linux/process_spawn.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

/// From SIGTERM to SIGKILL when an object is destroyed.
constexpr std::chrono::seconds kGrace{3};
/// What cannot be known: somebody else has waited for our child.
constexpr int kUnknownEnd = -1;

}  // namespace

Result<ChildProcess> ChildProcess::start(const Program& program, const Options& options) {
  const UniqueFd in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!in) return fail_errno("open /dev/null");
  const UniqueFd log(
      ::open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log) return fail_errno("open " + options.log_path);
  if (!program.input.empty())
    return fail("start " + program.path + ": a program in the background has no input", EINVAL);

  LVS_TRY(Spawned spawned, spawn(program, {in.get(), log.get(), log.get()}, options.own_session));
  return ChildProcess(spawned.pid, std::move(spawned.pidfd));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      status_(std::exchange(other.status_, std::nullopt)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  // What we ran until now ends with `taken`.
  ChildProcess taken(std::move(other));
  std::swap(pid_, taken.pid_);
  std::swap(pidfd_, taken.pidfd_);
  std::swap(status_, taken.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (!pidfd_ || !running()) return;
  using Clock = std::chrono::steady_clock;
  // A signal can fail only when the process is gone already, and then the wait returns at once.
  static_cast<void>(signal(SIGTERM));
  if (wait_until(Clock::now() + kGrace)) return;
  static_cast<void>(signal(SIGKILL));
  wait_until(Clock::now() + kGrace);
}

bool ChildProcess::running() {
  if (status_ || !pidfd_) return false;
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG) != 0)
    status_ = kUnknownEnd;
  else if (info.si_pid != 0)
    status_ = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  return !status_;
}

std::optional<int> ChildProcess::wait_until(std::chrono::steady_clock::time_point deadline) {
  while (running()) {
    pollfd ended{pidfd_.get(), POLLIN, 0};
    const timespec left = time_left(deadline);
    if (::ppoll(&ended, 1, &left, nullptr) == 0) return std::nullopt;
  }
  return status_;
}

Result<void> ChildProcess::signal(int number) {
  const std::string what = "send signal " + std::to_string(number) + " to " + std::to_string(pid_);
  if (!pidfd_ || status_) return fail(what + ": it has ended", ESRCH);
  if (::pidfd_send_signal(pidfd_.get(), number, nullptr, 0) != 0) return fail_errno(what);
  return {};
}

pid_t ChildProcess::release() {
  pidfd_ = UniqueFd();
  return std::exchange(pid_, -1);
}

std::optional<std::uint64_t> process_start_time(pid_t pid) {
  const auto stat = read_small_file("/proc/" + std::to_string(pid) + "/stat");
  if (!stat) return std::nullopt;
  // The second field is the program's name in parentheses, and a name may hold spaces and
  // parentheses itself: count from the last one (proc(5)).
  const std::size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  constexpr int spaces_before = 20;  // field 22 of the whole line
  std::size_t at = name_end + 1;
  for (int space = 0; space < spaces_before - 1 && at != std::string::npos; ++space)
    at = stat->find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t ticks = 0;
  const auto read = std::from_chars(stat->data() + at + 1, stat->data() + stat->size(), ticks);
  return read.ec == std::errc{} ? std::optional(ticks) : std::nullopt;
}

}  // namespace lvs::linux_net
