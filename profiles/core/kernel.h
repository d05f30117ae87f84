#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/abilities.h"
#include "profiles/core/snapshot.h"
#include "profiles/core/step.h"

namespace lvs::profiles {

/// What came of a step that did not fail.
struct StepNote {
  bool skipped = false;  ///< a proof that could not be made; `text` says why. Never "passed".
  std::string text;
};

/// The host as the runners see it: read it, change it. The real one is profiles/io/linux_kernel.h.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual Result<Abilities> abilities() = 0;
  /// The present state. Sysctls and files that are not there are left out.
  virtual Result<Snapshot> snapshot(const Look& look) = 0;
  /// One step, whole or not at all. An object that is already there is an error (EEXIST).
  virtual Result<StepNote> carry_out(const Step& step) = 0;
};

}  // namespace lvs::profiles
