#include "profiles/io/objects/decap_process_io.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>

#include "net/linux/deadline.h"
#include "net/linux/process_find.h"
#include "net/linux/process_spawn.h"
#include "net/linux/sys_error.h"
#include "profiles/core/decap_arguments.h"
#include "profiles/io/objects/objects.h"

// The process is lvs-realserver itself with a hidden command. It has a session of its own and holds
// nothing of ours, so it lives on; it says "ready" on its standard output, or what went wrong.

namespace lvs::profiles {
namespace {

using linux_net::RunningProcess;
using linux_net::UniqueFd;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kStartTime{10};
constexpr std::chrono::milliseconds kEndTime{2000};
constexpr std::size_t kMaxAnswer = 4096;
constexpr std::string_view kReady = "ready\n";

struct FoundProcess {
  RunningProcess running;
  DecapProcess process;
};

std::optional<DecapProcess> process_from(const std::vector<std::string>& command_line) {
  if (command_line.empty()) return std::nullopt;
  const std::filesystem::path program(command_line.front());
  if (program.filename() != kDecapProgram) return std::nullopt;
  auto parsed = parse_decap_arguments(std::span(command_line).subspan(1));
  if (!parsed) return std::nullopt;
  return *std::move(parsed);
}

Result<std::vector<FoundProcess>> find_all() {
  LVS_TRY(const std::vector<RunningProcess> running, linux_net::processes_of_this_namespace());
  std::vector<FoundProcess> found;
  for (const RunningProcess& one : running)
    if (auto process = process_from(one.command_line)) found.push_back({one, *std::move(process)});
  return found;
}

/// This program where it is lvs-realserver, else the one beside it.
Result<std::string> program_path() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return linux_net::fail_errno("find this program", error.value());
  const std::filesystem::path program =
      self.filename() == kDecapProgram ? self : self.parent_path() / kDecapProgram;
  if (::access(program.c_str(), X_OK) != 0) return linux_net::fail_errno("use " + program.string());
  return program.string();
}

/// What the process says until it falls silent for good or is ready.
std::string answer_of(int fd) {
  const auto deadline = steady_clock::now() + kStartTime;
  std::string answer;
  while (answer != kReady && answer.size() < kMaxAnswer) {
    pollfd readable{fd, POLLIN, 0};
    const timespec left = linux_net::time_left(deadline);
    const int ready = ::ppoll(&readable, 1, &left, nullptr);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return "it was not ready in time";
    std::array<char, 512> part{};
    const ssize_t got = ::read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

Result<void> start(const DecapProcess& process) {
  linux_net::Program program;
  LVS_TRY(program.path, program_path());
  program.args = decap_arguments(process);
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  std::array<int, 2> ends{};
  if (!nothing || ::pipe2(ends.data(), O_CLOEXEC) != 0) return linux_net::fail_errno("make a pipe");
  const UniqueFd answers(ends[0]);
  UniqueFd child_end(ends[1]);
  LVS_TRY(const linux_net::Spawned child,
          linux_net::spawn(program, {nothing.get(), child_end.get(), nothing.get()}, true));
  child_end = UniqueFd();

  std::string answer = answer_of(answers.get());
  if (answer == kReady) return {};
  ::kill(child.pid, SIGKILL);  // ours and not yet waited for: the number cannot be another's
  ::waitpid(child.pid, nullptr, 0);
  while (!answer.empty() && answer.back() == '\n') answer.pop_back();
  return fail(answer.empty() ? "it ended without a word" : answer);
}

}  // namespace

Result<std::vector<DecapProcess>> find_decap_processes() {
  LVS_TRY(const std::vector<FoundProcess> found, find_all());
  std::vector<DecapProcess> processes;
  processes.reserve(found.size());
  for (const FoundProcess& one : found) processes.push_back(one.process);
  return processes;
}

Result<void> add_object(RouteSocket& /*route*/, const DecapProcess& process) {
  const std::string what = "start a " + describe(process);
  LVS_TRY(const std::vector<FoundProcess> found, find_all());
  for (const FoundProcess& one : found)
    if (same_place(one.process, process))
      return fail(what + ": process " + std::to_string(one.running.pid) +
                      " does it for this profile already",
                  EEXIST);
  if (auto started = start(process); !started) return fail_within(what, std::move(started).error());
  return {};
}

Result<void> remove_object(RouteSocket& /*route*/, const DecapProcess& process) {
  LVS_TRY(const std::vector<FoundProcess> found, find_all());
  const auto ours = std::ranges::find(found, process, &FoundProcess::process);
  if (ours == found.end())
    return fail("end the " + describe(process) + ": it is not running", ESRCH);
  return linux_net::end_process(ours->running, kEndTime);
}

}  // namespace lvs::profiles
