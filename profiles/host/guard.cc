#include "profiles/host/guard.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "net/linux/pidfd.h"
#include "net/linux/process_spawn.h"
#include "net/linux/sys_error.h"

namespace lvs::host {
namespace {

using linux_net::UniqueFd;

/// How long a guard may take to start; it needs some ten milliseconds.
constexpr int kStartMs = 10'000;

std::string own_program() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "this program" : path.string();
}

Result<linux_net::Program> program_for(const HostOptions& options, const std::string& profile,
                                       std::chrono::milliseconds window) {
  linux_net::Program program;
  // Even a program whose file was replaced by an upgrade is still found there.
  program.path = "/proc/self/exe";
  program.args = {"guard",     profile,
                  "--applier", std::to_string(::getpid()),
                  "--window",  std::to_string(window.count())};
  if (options.state_dir) {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::absolute(*options.state_dir, error);
    if (error) return fail("find " + *options.state_dir + ": " + error.message(), error.value());
    program.args.insert(program.args.end(), {"--state-dir", folder.string()});
  }
  return program;
}

/// What the guard says next; empty when it says no more.
Result<std::string> hear_more(int fd) {
  while (true) {
    pollfd readable{fd, POLLIN, 0};
    const int ready = ::poll(&readable, 1, kStartMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return fail("it did not answer");
    std::array<char, 512> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    return std::string(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  }
}

/// The guard's first words: "ready", or why it cannot work.
Result<void> hear_ready(int fd) {
  std::string heard;
  while (true) {
    LVS_TRY(const std::string more, hear_more(fd));
    if (more.empty()) break;
    heard += more;
    if (heard == "ready\n") return {};
  }
  while (!heard.empty() && heard.back() == '\n') heard.pop_back();
  return fail(heard.empty() ? "it ended at once" : heard);
}

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return linux_net::fail_errno("make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

Result<Guard> Guard::start(const HostOptions& options, const std::string& profile,
                           std::chrono::milliseconds window) {
  const std::string what = "start the guard (" + own_program() + " guard)";
  LVS_TRY(const linux_net::Program program, program_for(options, profile, window));
  LVS_TRY(Pipe pipe, make_pipe());
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) return linux_net::fail_errno("open /dev/null");
  const linux_net::StandardFds fds{nothing.get(), pipe.write_end.get(), nothing.get()};
  auto spawned = linux_net::spawn(program, fds, true);
  if (!spawned) return fail_within(what, std::move(spawned).error());
  pipe.write_end = {};
  const auto start_time = linux_net::process_start_time(spawned->pid);
  Guard guard({spawned->pid, start_time.value_or(0)}, std::move(spawned->pidfd));
  if (auto heard = hear_ready(pipe.read_end.get()); !heard)
    return fail_within(what, std::move(heard).error());
  if (!start_time) return fail(what + ": it has no start time in /proc");
  return guard;
}

Guard::~Guard() {
  if (pidfd_) ::pidfd_send_signal(pidfd_.get(), SIGKILL, nullptr, 0);
}

bool Guard::alive() const {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  return pidfd_ && ::poll(&ended, 1, 0) == 0;
}

bool is_alive(const profiles::ProcessMark& mark) {
  const UniqueFd pidfd(::pidfd_open(static_cast<pid_t>(mark.pid), 0));
  pollfd ended{pidfd.get(), POLLIN, 0};
  return pidfd && linux_net::process_start_time(static_cast<pid_t>(mark.pid)) == mark.start_time &&
         ::poll(&ended, 1, 0) == 0;
}

void end_process(const profiles::ProcessMark& mark) {
  if (mark.pid == ::getpid()) return;
  // The descriptor first: what it stands for cannot change after the look at the start time.
  const UniqueFd pidfd(::pidfd_open(static_cast<pid_t>(mark.pid), 0));
  if (!pidfd || linux_net::process_start_time(static_cast<pid_t>(mark.pid)) != mark.start_time)
    return;
  ::pidfd_send_signal(pidfd.get(), SIGKILL, nullptr, 0);
}

}  // namespace lvs::host
