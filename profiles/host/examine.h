#pragma once

#include <string>
#include <vector>

#include "profiles/core/desired.h"
#include "profiles/core/journal.h"
#include "profiles/core/kernel.h"
#include "profiles/core/planner.h"
#include "profiles/host/host_part.h"

// What all commands begin with: the journals, the present state and the difference.

namespace lvs::host {

struct Journals {
  profiles::Journal own;
  std::vector<profiles::Journal> others;  ///< of other profiles in this namespace, of this boot
  /// Why the own journal was set aside: it is of an earlier boot, whose objects are gone. The file
  /// is still there.
  std::string stale;
};

/// Reads them. A journal of another namespace or of a higher schema, or a damaged one, is refused.
HostResult<Journals> read_journals(const profiles::StateDir& state, const std::string& profile);

struct Examined {
  profiles::Desired desired;
  profiles::Snapshot snapshot;
  profiles::Plan plan;
};

/// Reads the host and plans. With an unfinished journal its steps count as ours.
HostResult<Examined> examine(const LoadedHost& loaded, profiles::Role role,
                             profiles::Kernel& kernel, const Journals& journals);

/// What a reader of the profile should know: overrides, things left out, keys that come later.
std::vector<std::string> notes_of(const LoadedHost& loaded, const Examined& examined,
                                  const Journals& journals);

}  // namespace lvs::host
