#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include "net/linux/deadline.h"
#include "net/linux/pidfd.h"
#include "net/linux/process.h"
#include "net/linux/process_spawn.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxOutputBytes = std::size_t{16} * 1024 * 1024;
constexpr std::string_view kCutMark = "\n[cut: more than 16 MiB]\n";
/// From SIGTERM to SIGKILL, once the deadline has passed.
constexpr std::chrono::seconds kGrace{1};

/// One output of the program: our end of a pipe, and what came through it.
class Output {
 public:
  explicit Output(std::string& text) : text_(text) {}

  /// Makes the pipe; the other end is for the program.
  Result<UniqueFd> open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("make a pipe");
    ours_ = UniqueFd(ends[0]);
    UniqueFd theirs(ends[1]);
    if (::fcntl(ours_.get(), F_SETFL, O_NONBLOCK) != 0) return fail_errno("make a pipe");
    return theirs;
  }

  /// -1, which poll() ignores, once the program has closed it.
  int fd() const { return ours_.get(); }

  /// Takes what is there now. What is over the limit is read and forgotten, so that the program is
  /// never stopped by a full pipe.
  void drain() {
    std::array<char, 65536> block{};
    while (ours_) {
      const ssize_t got = ::read(ours_.get(), block.data(), block.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) ours_ = UniqueFd();
      if (got > 0) keep({block.data(), static_cast<std::size_t>(got)});
    }
  }

 private:
  void keep(std::string_view more) {
    const std::size_t room = kMaxOutputBytes - std::min(kMaxOutputBytes, text_.size());
    text_.append(more.substr(0, room));
    if (more.size() <= room || cut_) return;
    cut_ = true;
    text_.append(kCutMark);
  }

  std::string& text_;
  UniqueFd ours_;
  bool cut_ = false;
};

/// The program's standard input: a file in memory, because writing into a pipe that nobody reads
/// would send us SIGPIPE.
Result<UniqueFd> open_input(const std::string& input) {
  UniqueFd fd(input.empty() ? ::open("/dev/null", O_RDONLY | O_CLOEXEC)
                            : ::memfd_create("input", MFD_CLOEXEC));
  if (!fd) return fail_errno("open the standard input");
  for (std::size_t done = 0; done < input.size();) {
    const ssize_t written = ::write(fd.get(), input.data() + done, input.size() - done);
    if (written < 0) return fail_errno("write the standard input");
    done += static_cast<std::size_t>(written);
  }
  if (!input.empty() && ::lseek(fd.get(), 0, SEEK_SET) < 0)
    return fail_errno("rewind the standard input");
  return fd;
}

/// nullopt: not ended yet. Ended by a signal: 128 + its number.
std::optional<int> exit_code_of(int pidfd) {
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) != 0) return -1;
  if (info.si_pid == 0) return std::nullopt;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/// Reads both outputs until the program ends; nullopt when the deadline came first. A grandchild
/// may keep the pipes open for ever: the end of the program is the end.
std::optional<int> attend(int pidfd, Output& out, Output& err, Clock::time_point deadline) {
  while (true) {
    const std::optional<int> code = exit_code_of(pidfd);
    out.drain();
    err.drain();
    if (code) return code;
    std::array<pollfd, 3> events{
        {{pidfd, POLLIN, 0}, {out.fd(), POLLIN, 0}, {err.fd(), POLLIN, 0}}};
    const timespec left = time_left(deadline);
    if (::ppoll(events.data(), events.size(), &left, nullptr) == 0) return std::nullopt;
  }
}

/// SIGTERM, then SIGKILL, which nothing survives.
void end(int pidfd, Output& out, Output& err) {
  ::pidfd_send_signal(pidfd, SIGTERM, nullptr, 0);
  if (attend(pidfd, out, err, Clock::now() + kGrace)) return;
  ::pidfd_send_signal(pidfd, SIGKILL, nullptr, 0);
  attend(pidfd, out, err, Clock::time_point::max());
}

}  // namespace

Result<Finished> run_program(const Program& program, std::chrono::milliseconds deadline) {
  const Clock::time_point at = Clock::now() + deadline;
  Finished finished;
  Output out(finished.out);
  Output err(finished.err);
  LVS_TRY(const UniqueFd input, open_input(program.input));
  LVS_TRY(UniqueFd out_end, out.open());
  LVS_TRY(UniqueFd err_end, err.open());
  LVS_TRY(const Spawned child, spawn(program, {input.get(), out_end.get(), err_end.get()}, false));
  out_end = UniqueFd();
  err_end = UniqueFd();

  const std::optional<int> code = attend(child.pidfd.get(), out, err, at);
  if (code) {
    finished.exit_code = *code;
    return finished;
  }
  end(child.pidfd.get(), out, err);
  return fail(program.path + ": still running after " + std::to_string(deadline.count()) +
                  " ms and ended; it had printed: " + finished.out + finished.err,
              ETIMEDOUT);
}

}  // namespace lvs::linux_net
