#include "verify/lab/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "net/linux/process.h"

namespace lvs::verify {
namespace {

constexpr int kCannotStart = 127;

/// An ordinary user's PATH often lacks the folder in which Debian puts servers.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const char* folder : {"/usr/sbin/", "/usr/local/sbin/", "/usr/bin/", "/usr/local/bin/"})
    if (std::string path = folder + name; access(path.c_str(), X_OK) == 0) return path;
  return {};
}

[[noreturn]] void run_child(const SpawnOptions& options, const std::string& path, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died before the line above took effect.
  if (getppid() != parent) _exit(kCannotStart);
  const int log = open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (log < 0 || null < 0) _exit(kCannotStart);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (options.netns_fd >= 0 && setns(options.netns_fd, CLONE_NEWNET) != 0) _exit(kCannotStart);
  std::vector<char*> argv;
  for (const std::string& arg : options.argv)
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): execv's face; it does not write
    argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  _exit(kCannotStart);
}

}  // namespace

Result<RecordedProcess> spawn(const SpawnOptions& options) {
  const std::string path = find_program(options.argv.front());
  if (path.empty())
    return fail("start " + options.what + ": " + options.argv.front() + " is not installed",
                ENOENT);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    const int number = errno;
    return fail("start " + options.what + ": " + std::generic_category().message(number), number);
  }
  if (pid == 0) run_child(options, path, parent);
  // The child cannot be gone from /proc before we wait for it.
  return RecordedProcess{options.what, pid,
                         linux_net::process_start_time(pid).value_or(std::uint64_t{0})};
}

}  // namespace lvs::verify
