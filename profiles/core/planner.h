#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profiles/core/desired.h"
#include "profiles/core/journal.h"
#include "profiles/core/snapshot.h"
#include "profiles/core/step.h"

namespace lvs::profiles {

/// A step, why it is needed, and the journal entry that it is about.
struct PlannedStep {
  Step step;
  std::string why;
  Intent intent() const { return {number, step, kind, record_only}; }

  std::uint64_t number = 0;  ///< 0 for a step that changes nothing
  IntentKind kind = IntentKind::Make;
  bool record_only = false;  ///< another profile of ours holds the object: only noted
};

/// The difference between what a host should be and what it is, in safe order: what is no longer
/// wanted goes first, backwards; then what is missing. Proofs stand where they must hold (the ARP
/// settings are read back before the VIP comes), and only in a plan that changes something.
struct Plan {
  std::vector<PlannedStep> steps;
  /// Why `apply` will refuse: each names what is there and what was wanted. Nothing is ever
  /// replaced that we did not make.
  std::vector<std::string> conflicts;
  std::vector<std::string> missing_links;   ///< in `conflicts` too
  std::vector<std::string> lacking;         ///< what the kernel lacks (69); in `conflicts` too
  std::vector<std::string> contradictions;  ///< what two profiles want differently (65)
  std::vector<std::string> adopted;         ///< already there, not ours: stays at `revert`
  SysctlWants wants;                        ///< for the journal

  /// True when a step touches the host.
  bool changes() const;
  /// True when nothing is to be done and nothing stands in the way.
  bool in_sync() const;
};

struct PlanInput {
  const Desired& desired;
  const Snapshot& snapshot;
  const std::vector<JournalEntry>& ours;
  std::uint64_t next_number = 1;
  const std::vector<Journal>& others;  ///< journals of other profiles in this namespace
};

Plan make_plan(const PlanInput& input);

}  // namespace lvs::profiles
