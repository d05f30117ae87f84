#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "net/base/result.h"
#include "profiles/core/journal.h"
#include "profiles/core/kernel.h"
#include "profiles/core/planner.h"
#include "profiles/core/undo.h"

// The runner that really does it. Each intent is safe in the journal before the kernel sees the
// step, so that at every point somebody else can find the way back.

namespace lvs::profiles {

/// A journal and the place where its records go: what is recorded is in both.
class JournalLog {
 public:
  JournalLog(Journal journal, JournalWriter& writer)
      : journal_(std::move(journal)), writer_(writer) {}
  const Journal& journal() const { return journal_; }
  Result<void> record(const JournalRecord& record);

 private:
  Journal journal_;
  JournalWriter& writer_;
};

/// What the runners work on.
struct Ground {
  Kernel& kernel;
  JournalLog& log;
  /// Journals of other profiles in this namespace: what they hold too is only given up.
  const std::vector<Journal>& others;
};

/// Called after each step, for whoever watches.
using Watcher = std::function<void(const Step&, const StepNote&)>;

/// How an apply ends once its steps are done.
struct Ending {
  /// Must hold, or everything is rolled back: the cluster is still reached, the guard is alive.
  std::function<Result<void>()> proof;
  /// The last record: `Complete`, or `Awaiting` when a confirmation is to come.
  std::function<JournalRecord()> record;
};

struct Applied {
  std::vector<std::uint64_t> made;   ///< entries that did not exist before
  std::vector<std::string> skipped;  ///< proofs that could not be made, and why
  std::vector<std::string> noted;    ///< what proofs that were made have to say beside
};

/// What taking back came to.
struct TakenBack {
  std::vector<std::string> undone;
  std::vector<std::string> left;    ///< changed by somebody after us: no longer ours, and untouched
  std::vector<std::string> failed;  ///< the kernel refused: still ours, to be tried again
  /// Taken back on the host, but not in the journal, which could not be written: the next command
  /// looks again, and finds nothing to do.
  std::vector<std::string> unrecorded;
  bool address_stayed = false;  ///< a VIP is still here, so what keeps it quiet stays too
  bool complete() const { return left.empty() && failed.empty(); }
};

/// Why an apply failed. Everything was rolled back, except what `back` lists.
struct ApplyFailure {
  Error error;
  TakenBack back;
};

/// Carries a plan out, all or nothing.
tl::expected<Applied, ApplyFailure> carry_out(const Plan& plan, const Ending& ending,
                                              const Ground& ground, const Watcher& watcher);

/// Rolls back an apply that did not finish, from its last step to its first. `why` is for the
/// journal, where a confirmation was waited for.
TakenBack roll_back(const Ground& ground, const std::string& why);

/// Takes back the entries of these numbers, the newest first; all of them when `numbers` is null.
/// Needs a journal without pending steps.
TakenBack take_back(const std::vector<std::uint64_t>* numbers, const Ground& ground);

}  // namespace lvs::profiles
