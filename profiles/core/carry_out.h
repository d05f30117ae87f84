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

/// Called after each step, for whoever watches.
using Watcher = std::function<void(const Step&, const StepNote&)>;

struct Applied {
  std::vector<std::uint64_t> made;   ///< entries that did not exist before
  std::vector<std::string> skipped;  ///< proofs that could not be made, and why
};

/// Why an apply failed. Everything was rolled back, except what `left` lists.
struct ApplyFailure {
  Error error;
  std::vector<std::string> left;
};

/// Carries a plan out, all or nothing. `for_run`: what is made goes when the director ends.
tl::expected<Applied, ApplyFailure> carry_out(const Plan& plan, bool for_run, Kernel& kernel,
                                              JournalLog& log, const Watcher& watcher);

/// What taking back came to.
struct TakenBack {
  std::vector<std::string> undone;
  std::vector<std::string> left;    ///< changed by somebody after us: no longer ours, and untouched
  std::vector<std::string> failed;  ///< the kernel refused: still ours, to be tried again
  bool address_stayed = false;      ///< a VIP is still here, so what keeps it quiet stays too
  bool complete() const { return left.empty() && failed.empty(); }
};

/// Rolls back an apply that did not finish, from its last step to its first.
TakenBack roll_back(Kernel& kernel, JournalLog& log);

/// Takes back the entries of these numbers, the newest first; all of them when `numbers` is null.
/// An object that another profile holds too is only given up. Needs a journal without pending
/// steps.
TakenBack take_back(const std::vector<std::uint64_t>* numbers, const std::vector<Journal>& others,
                    Kernel& kernel, JournalLog& log);

}  // namespace lvs::profiles
