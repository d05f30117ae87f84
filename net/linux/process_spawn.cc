#include "net/linux/process_spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "net/linux/pidfd.h"
#include "net/linux/sys_error.h"

// Why this is not Boost.Process v2: in 1.81 its child
// opens a folder and runs exit handlers between fork and exec. Both take locks that another thread
// of ours may have held at the fork, and our programs have threads (one a namespace). It also
// leaves a child whose exec failed unreaped. Between fork and exec only async-signal-safe calls are
// made here.

namespace lvs::linux_net {
namespace {

/// Everything the child needs, made before the fork: it must not allocate.
struct Prepared {
  std::string path;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
};

/// What the child tells of a failure before exec.
struct Failure {
  int step = 0;
  int error = 0;
};
constexpr std::array<std::string_view, 4> kSteps{"start", "enter the network namespace of",
                                                 "connect the standard streams of", "execute"};
enum Step : int { Start, EnterNamespace, Connect, Execute };

std::string from_environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no program of ours changes its own environment
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The first executable of this name in PATH.
Result<std::string> resolve(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const std::string path = from_environment("PATH");
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find(':', from), path.size());
    const std::string candidate = path.substr(from, to - from) + "/" + name;
    if (to > from && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    from = to + 1;
  }
  return fail(name + ": there is no such program in PATH", ENOENT);
}

/// Programs differ in which of two entries of one name they believe.
bool is_replaced(std::string_view entry, const std::vector<std::string>& by) {
  const std::string_view name = entry.substr(0, entry.find('='));
  return std::ranges::any_of(
      by, [name](std::string_view other) { return other.substr(0, other.find('=')) == name; });
}

Result<Prepared> prepare(const Program& program) {
  Prepared prepared;
  LVS_TRY(prepared.path, resolve(program.path));
  // execve() wants pointers to mutable text and changes nothing.
  prepared.argv.push_back(prepared.path.data());
  for (const std::string& arg : program.args)
    prepared.argv.push_back(const_cast<char*>(arg.data()));
  prepared.argv.push_back(nullptr);

  prepared.environment = program.extra_environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (!is_replaced(*entry, program.extra_environment)) prepared.environment.emplace_back(*entry);
  for (std::string& entry : prepared.environment) prepared.envp.push_back(entry.data());
  prepared.envp.push_back(nullptr);
  return prepared;
}

/// dup2() that also takes CLOEXEC off when the descriptor is already in its place.
bool connect_to(int from, int to) {
  if (from != to) return ::dup2(from, to) >= 0;
  return ::fcntl(from, F_SETFD, 0) == 0;
}

[[noreturn]] void give_up(int report_fd, Step step) {
  const Failure failure{step, errno};
  // Nobody is left to tell when this fails.
  [[maybe_unused]] const ssize_t written = ::write(report_fd, &failure, sizeof failure);
  ::_exit(127);
}

/// In the child: only async-signal-safe calls from here to exec.
[[noreturn]] void become(const Prepared& prepared, const Program& program, const StandardFds& fds,
                         bool own_session, int report_fd) {
  if (own_session) ::setsid();
  if (program.netns_fd >= 0 && ::setns(program.netns_fd, CLONE_NEWNET) != 0)
    give_up(report_fd, Step::EnterNamespace);
  if (!connect_to(fds.in, STDIN_FILENO) || !connect_to(fds.out, STDOUT_FILENO) ||
      !connect_to(fds.err, STDERR_FILENO))
    give_up(report_fd, Step::Connect);
  // Nothing else of ours is the program's: not even what some library opened without CLOEXEC.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  // NOLINTNEXTLINE(cert-err33-c): a signal that cannot be reset stays as it was
  ::signal(SIGPIPE, SIG_DFL);
  ::execve(prepared.path.c_str(), prepared.argv.data(), prepared.envp.data());
  give_up(report_fd, Step::Execute);
}

/// nullopt: the pipe was closed by exec, all is well.
std::optional<Failure> read_report(int fd) {
  Failure failure;
  ssize_t got = 0;
  do got = ::read(fd, &failure, sizeof failure);
  while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof failure)) return failure;
  return std::nullopt;
}

}  // namespace

Result<Spawned> spawn(const Program& program, const StandardFds& fds, bool own_session) {
  LVS_TRY(const Prepared prepared, prepare(program));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("start " + program.path);
  const UniqueFd report(ends[0]);
  UniqueFd child_end(ends[1]);

  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("start " + program.path);
  if (pid == 0) become(prepared, program, fds, own_session, child_end.get());
  child_end = UniqueFd();

  const std::optional<Failure> failure = read_report(report.get());
  if (failure) {
    ::waitpid(pid, nullptr, 0);
    return fail_errno(
        std::string(kSteps.at(static_cast<std::size_t>(failure->step))) + " " + prepared.path,
        failure->error);
  }
  // The child is ours and not yet waited for: its pid cannot be anybody else's.
  UniqueFd pidfd(::pidfd_open(pid, 0));
  if (!pidfd) {
    const int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return fail_errno("watch " + prepared.path, error);
  }
  return Spawned{pid, std::move(pidfd)};
}

}  // namespace lvs::linux_net
