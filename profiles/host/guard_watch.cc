// The guard's own side of profiles/host/guard.h.

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <csignal>

#include "net/linux/boot_clock.h"
#include "net/linux/pidfd.h"
#include "net/linux/process.h"
#include "profiles/host/apply.h"
#include "profiles/host/failure.h"
#include "profiles/host/guard.h"
#include "profiles/host/open_journal.h"
#include "profiles/host/profile_name.h"
#include "profiles/host/recover.h"
#include "profiles/io/linux_kernel.h"

namespace lvs::host {
namespace {

using std::chrono::milliseconds;

/// What a guard works with; all of it is there before it says "ready".
struct Post {
  const HostOptions& options;
  std::string profile;
  profiles::StateDir state;
  linux_net::UniqueFd applier;
  profiles::ProcessMark self;
};

std::string about(const Post& post) { return post.options.program + " guard of " + post.profile; }

void tell(int priority, const std::string& text) {
  ::syslog(priority, "%s",
           text.c_str());  // NOLINT(cppcoreguidelines-pro-type-vararg): its only form
}

Result<Post> take_post(const HostOptions& options, pid_t applier) {
  LVS_TRY(profiles::StateDir state, profiles::StateDir::locate(options.state_dir, options.places));
  Post post{options, options.profile, std::move(state), {}, {}};
  // While it is our parent, its pid can be nobody else's.
  post.applier = linux_net::UniqueFd(::pidfd_open(applier, 0));
  if (!post.applier || ::getppid() != applier) return fail("whoever started this guard is gone");
  const auto start_time = linux_net::process_start_time(::getpid());
  if (!start_time) return fail("/proc does not tell when this process started");
  post.self = {::getpid(), *start_time};
  LVS_CHECK(profiles::LinuxKernel::open());
  return post;
}

/// Leaves everything that whoever started us may take away: his terminal, his folder, his pipes.
void settle_down() {
  static_cast<void>(std::signal(SIGHUP, SIG_IGN));
  static_cast<void>(std::signal(SIGINT, SIG_IGN));
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  static_cast<void>(::chdir("/"));
  const linux_net::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nothing) static_cast<void>(::dup2(nothing.get(), STDOUT_FILENO));
}

bool is_ours(const Post& post, const profiles::Journal& journal) {
  return journal.armed() != nullptr && journal.armed()->guard == post.self;
}

/// Waits until the apply has ended; one that hangs is ended. Whether it did its work stands in the
/// journal.
void outlast_apply(const Post& post) {
  const milliseconds patience = *post.options.confirm_within + kPatience;
  const auto ended = linux_net::wait_for_end(post.applier.get(), linux_net::boot_time() + patience);
  if (ended && *ended) return;
  const auto journals = read_journals(post.state, post.profile);
  // It may have done its work and only cannot print that (a pager holds its output).
  const bool hangs =
      journals && is_ours(post, journals->own) && journals->own.awaiting() == nullptr;
  if (!hangs) return;
  tell(LOG_WARNING, "profile " + post.profile + ": the apply hangs and is ended");
  ::pidfd_send_signal(post.applier.get(), SIGKILL, nullptr, 0);
}

/// Rolls back under the lock, or says until when there is nothing to do: nullopt, for good.
HostResult<std::optional<milliseconds>> decide(const Post& post) {
  auto open = OpenJournal::open(post.state, post.profile, about(post), LockWait::UntilFree);
  if (!open) return refuse(std::move(open).error());
  const profiles::Journal& journal = open->journals().own;
  if (!is_ours(post, journal)) return std::nullopt;
  if (const profiles::Awaiting* awaiting = journal.awaiting()) {
    const milliseconds deadline(awaiting->deadline_ms);
    if (linux_net::boot_time() < deadline) return deadline;
  }
  if (auto begun = open->begin(post.options.program, ""); !begun)
    return refuse(std::move(begun).error());
  auto kernel = profiles::LinuxKernel::open();
  if (!kernel) return refuse(failure_of(kernel.error()));
  auto recovered = recover(open->ground(*kernel));
  const bool applied = open->log().journal().completed();
  if (auto closed = open->close(applied); !closed) return refuse(std::move(closed).error());
  if (!recovered) return refuse(std::move(recovered).error());
  for (const std::string& note : *recovered)
    tell(LOG_WARNING, "profile " + post.profile + ": " + note);
  return std::nullopt;
}

ExitStatus watch(const Post& post) {
  outlast_apply(post);
  while (true) {
    const auto next = decide(post);
    if (!next) {
      tell(LOG_ERR, "profile " + post.profile + ": " + next.error().message);
      return next.error().status;
    }
    if (!*next) return ExitStatus::Ok;
    if (!linux_net::wait_for_end(-1, **next)) return ExitStatus::Bug;
  }
}

}  // namespace

ExitStatus guard(const HostOptions& options, pid_t applier, std::ostream& out) {
  if (!options.confirm_within) return ExitStatus::Usage;
  const auto post = take_post(options, applier);
  if (!post) {
    out << post.error().what << std::endl;
    return ExitStatus::Failed;
  }
  out << "ready" << std::endl;
  settle_down();
  ::openlog(options.program.c_str(), LOG_PID, LOG_DAEMON);
  return watch(*post);
}

}  // namespace lvs::host
