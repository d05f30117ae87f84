#include "verify/lab/holder.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "net/linux/fd.h"
#include "net/linux/namespace.h"
#include "net/linux/process.h"
#include "verify/lab/builder.h"
#include "verify/lab/isolation.h"
#include "verify/lab/servers.h"

namespace lvs::verify {
namespace {

using linux_net::UniqueFd;

constexpr int kReportFd = 3;
constexpr std::size_t kMostReportBytes = 65536;
constexpr char kReady = '+';

/// Leaves the caller's terminal, output and descriptors: whoever waits for the end of our parent's
/// output must not wait for us.
void detach(int report_fd, const std::filesystem::path& folder) {
  setsid();
  dup2(report_fd, kReportFd);
  close_range(kReportFd + 1, ~0U, 0);
  fcntl(kReportFd, F_SETFD, FD_CLOEXEC);
  const std::string log = (folder / "holder.log").string();
  const UniqueFd null{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const UniqueFd out{open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  dup2(null.get(), STDIN_FILENO);
  dup2(out ? out.get() : null.get(), STDOUT_FILENO);
  dup2(out ? out.get() : null.get(), STDERR_FILENO);
  umask(077);
}

/// Signals are taken one at a time by sigwaitinfo(): no handler, no race.
sigset_t block_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&wanted, number);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return wanted;
}

struct Lab {
  std::vector<BuiltHost> hosts;
  LabRecord record;
};

Result<Lab> build(const HolderOptions& options) {
  Lab lab;
  LVS_TRY(lab.record.user_namespace, isolate());
  LVS_TRY(lab.hosts, build_network(options.topology));
  LVS_CHECK(make_big_file(options.folder / "big"));
  LVS_TRY(lab.record.programs,
          start_servers(options.topology, lab.hosts, options.folder, options.self));
  lab.record.name = options.topology.name;
  lab.record.profile = options.profile;
  LVS_TRY(lab.record.boot_id, linux_net::boot_id());
  lab.record.holder = {"holder", getpid(),
                       linux_net::process_start_time(getpid()).value_or(std::uint64_t{0})};
  for (const BuiltHost& host : lab.hosts)
    lab.record.hosts.push_back({host.name, host.netns.get(), host.id});
  LVS_CHECK(save_record(options.folder, lab.record));
  return lab;
}

void report(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(kReportFd, text.data() + done, text.size() - done);
    if (written <= 0) return;  // our parent is gone; the record tells the rest
    done += static_cast<std::size_t>(written);
  }
}

/// Reaps until somebody asks for the end. A server that ended is not started again: a test may have
/// wanted just that.
void hold(const sigset_t& wanted) {
  while (true) {
    const int number = sigwaitinfo(&wanted, nullptr);
    if (number == SIGCHLD)
      while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    else if (number > 0)
      return;
  }
}

void end_servers(const LabRecord& record) {
  // Still our children, or zombies of ours that were reaped: the start time tells them apart.
  for (const RecordedProcess& program : record.programs)
    if (is_running(program)) kill(program.pid, SIGKILL);
  while (waitpid(-1, nullptr, 0) > 0) continue;
}

[[noreturn]] void run_holder(const HolderOptions& options, int report_fd) {
  detach(report_fd, options.folder);
  const sigset_t wanted = block_signals();
  auto lab = build(options);
  if (!lab) {
    report(std::to_string(lab.error().sys_errno) + " " + lab.error().what);
    _exit(1);  // the kernel ends what was started (PR_SET_PDEATHSIG)
  }
  report(std::string{kReady});
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the end of the report is its end of file
  { const UniqueFd end{kReportFd}; }
  hold(wanted);
  end_servers(lab->record);
  _exit(0);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() < kMostReportBytes) {
    const ssize_t length = read(fd, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
  return text;
}

Error parse_failure(const std::string& text) {
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return {"the lab's holder ended without a word", 0};
  int number = 0;
  std::from_chars(text.data(), text.data() + space, number);
  return {text.substr(space + 1), number};
}

}  // namespace

Result<LabRecord> start_holder(const HolderOptions& options) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail("make a pipe", errno);
  const UniqueFd reading{ends[0]};
  UniqueFd writing{ends[1]};
  const pid_t pid = fork();
  if (pid < 0) return fail("start the lab's holder: fork", errno);
  if (pid == 0) run_holder(options, writing.get());
  writing = UniqueFd{};
  const std::string text = read_all(reading.get());
  if (text != std::string{kReady}) {
    waitpid(pid, nullptr, 0);
    return tl::unexpected(parse_failure(text));
  }
  LVS_TRY(std::optional<LabRecord> record, load_record(options.folder));
  if (!record) return fail("the lab's record is gone: " + options.folder.string());
  return *std::move(record);
}

}  // namespace lvs::verify
