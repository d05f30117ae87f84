#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/linux/fd.h"

namespace lvs::linux_net {

/// What a program printed and how it ended.
struct Finished {
  int exit_code = 0;  ///< 128 + signal when a signal ended it
  std::string out{};  ///< at most 16 MiB each; more is cut, and said so at the end
  std::string err{};
};

struct Program {
  std::string path{};  ///< absolute, or looked up in PATH when it has no slash
  std::vector<std::string> args{};
  std::vector<std::string> extra_environment{};  ///< "NAME=value", added to ours
  std::string input{};                           ///< given on standard input; empty: /dev/null
  int netns_fd = -1;                             ///< the network namespace to run it in; -1: ours
};

/// Runs a program to its end. A program that is still running at the deadline is ended (SIGTERM,
/// then SIGKILL), and that is an error with ETIMEDOUT that carries what it had printed.
Result<Finished> run_program(const Program& program, std::chrono::milliseconds deadline);

/// A program that runs beside us. Its output goes to `log_path`. Ended by pid with the object:
/// SIGTERM, then SIGKILL after the grace time. Only what was started here is ever ended.
class ChildProcess {
 public:
  struct Options {
    std::string log_path = "/dev/null";
    bool own_session = false;  ///< setsid: survives our terminal
  };
  static Result<ChildProcess> start(const Program& program, const Options& options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  bool running();
  /// Waits for the end; nullopt when the deadline came first.
  std::optional<int> wait_until(std::chrono::steady_clock::time_point deadline);
  Result<void> signal(int number);
  /// Lets it run on after this object is gone.
  pid_t release();

 private:
  ChildProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  std::optional<int> status_{};
};

/// A fingerprint of a running process that a later one with the same pid does not share: its start
/// time in clock ticks since boot (/proc/PID/stat field 22). nullopt: no such process.
std::optional<std::uint64_t> process_start_time(pid_t pid);

}  // namespace lvs::linux_net
