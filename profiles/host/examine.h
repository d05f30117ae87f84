#pragma once

#include <string>
#include <vector>

#include "profiles/core/desired.h"
#include "profiles/core/kernel.h"
#include "profiles/core/planner.h"
#include "profiles/host/host_part.h"
#include "profiles/host/journals.h"

// What all commands begin with: the present state and the difference.

namespace lvs::host {

struct Examined {
  profiles::Desired desired;
  profiles::Snapshot snapshot;
  profiles::Plan plan;
  bool persistent = false;  ///< comes back after a boot, or shall
};

/// Reads the host and plans. With an unfinished journal its steps count as ours.
HostResult<Examined> examine(const LoadedHost& loaded, profiles::Role role,
                             profiles::Kernel& kernel, const Journals& journals);

/// What a reader of the profile should know: overrides, things left out, keys that come later.
std::vector<std::string> notes_of(const LoadedHost& loaded, const Examined& examined,
                                  const Journals& journals);

}  // namespace lvs::host
