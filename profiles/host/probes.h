#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/profile.h"

namespace lvs::host {

/// The connectivity probes of a host (`probe` in the profile), before and after an apply. Only
/// those that passed before count.
class Probes {
 public:
  explicit Probes(const std::vector<profiles::HostProbe>& probes) : probes_(probes) {}

  /// Runs them all; gives a note for each that does not pass, and will not be held against the
  /// apply.
  std::vector<std::string> before();
  /// Runs those that passed before; an error names each that does not pass now.
  Result<void> after();
  /// True when after() found one that does not pass any more.
  bool broken() const { return broken_; }
  /// Runs them once more, after the roll-back: a sentence on how it is now.
  std::string again() const;

 private:
  const std::vector<profiles::HostProbe>& probes_;
  std::vector<profiles::HostProbe> passed_;
  bool broken_ = false;
};

}  // namespace lvs::host
