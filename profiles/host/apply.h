#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "profiles/core/carry_out.h"
#include "profiles/core/kernel.h"
#include "profiles/host/examine.h"
#include "profiles/host/host_part.h"
#include "profiles/host/open_journal.h"

// What changes the host: apply, recover, take back. Each holds the lock of the state folder while
// it works. What it touches the system by is an argument, so that a test can stand between.

namespace lvs::host {

enum class Purpose : std::uint8_t {
  Stay,  ///< `apply`: what is made stays until `revert`
  Run,   ///< the director's `run`: what is made goes with it
};

/// What an apply touches the system by.
struct Edge {
  profiles::Kernel& kernel;
  WrapJournal wrap_journal{};  ///< empty: nothing between us and the file
};

struct ApplyReport {
  AppliedPart part;  ///< what is to be taken back at the end of a run
  Examined examined;
  std::vector<std::string> notes;
  std::vector<std::string> skipped;  ///< proofs that could not be made, and why
  bool waits = false;                ///< for a confirmation
};

/// Recovers an unfinished journal, plans and carries the plan out, all or nothing.
HostResult<ApplyReport> apply_on(const LoadedHost& loaded, const HostOptions& options,
                                 Purpose purpose, const Edge& edge, std::ostream& progress);

struct RevertReport {
  std::vector<std::string> undone;
  std::vector<std::string> notes;
};

/// Takes everything of the profile back; `part` limits it to those entries, as far as no `apply`
/// has made them stay since.
HostResult<RevertReport> revert_on(const profiles::StateDir& state, const std::string& profile,
                                   const HostOptions& options, const AppliedPart* part,
                                   profiles::Kernel& kernel);

}  // namespace lvs::host
