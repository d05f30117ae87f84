#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "profiles/core/journal.h"
#include "profiles/host/host_part.h"

// The guard of an `apply --confirm-within`: a process of its own session, which waits beside us and
// takes everything back when no confirmation comes. It is there before the first change, so that a
// change that cuts us off (or ends our terminal, with everything that runs in it) is taken back.
//
//   guard ready → journal: armed → the steps → the proofs → journal: awaiting → we end.
//   We end before `awaiting`: the guard rolls back at once.
//   We hang: the guard ends us kPatience after the time for a confirmation is over, and rolls back.
//   The deadline comes: it takes the lock, and rolls back what still waits for it.
//
// All that it goes by is the journal, read under the lock: `confirm` writes `complete` there, and
// the guard has nothing to do any more. Should the guard itself be killed, the journal tells the
// next command to roll back.

namespace lvs::host {

/// The time for a confirmation is between these.
inline constexpr std::chrono::milliseconds kLeastWindow = std::chrono::seconds(1);
inline constexpr std::chrono::milliseconds kMostWindow = std::chrono::hours(24);
/// How long after its window an apply that is still at work is taken for hung.
inline constexpr std::chrono::seconds kPatience{10};

class Guard {
 public:
  /// Starts one for the profile of this name; comes back when it watches us and has made sure that
  /// it can do its work.
  static Result<Guard> start(const HostOptions& options, const std::string& profile,
                             std::chrono::milliseconds window);
  Guard(Guard&&) noexcept = default;
  Guard& operator=(Guard&&) = delete;
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  /// Ends it, unless it was released.
  ~Guard();

  const profiles::ProcessMark& mark() const { return mark_; }
  bool alive() const;
  /// From now on it is on its own.
  void release() { pidfd_ = {}; }

 private:
  Guard(profiles::ProcessMark mark, linux_net::UniqueFd pidfd)
      : mark_(mark), pidfd_(std::move(pidfd)) {}
  profiles::ProcessMark mark_;
  linux_net::UniqueFd pidfd_;
};

/// The guard's own side: a command that is not for people. `applier` is the process that started it
/// and whose changes it guards.
ExitStatus guard(const HostOptions& options, pid_t applier, std::ostream& out);

/// True when this very process runs.
bool is_alive(const profiles::ProcessMark& mark);
/// Ends this very process, if it runs and is not ours.
void end_process(const profiles::ProcessMark& mark);

}  // namespace lvs::host
