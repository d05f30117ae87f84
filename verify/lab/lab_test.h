#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "verify/core/failure.h"
#include "verify/core/report.h"
#include "verify/lab/lab.h"

namespace lvs::verify {

struct LabTestOptions {
  LabOptions lab;
  std::string bin_dir;                ///< where lvs-realserver and lvs-director are
  std::optional<std::string> inject;  ///< "F01" or "F01:rs2"
  std::size_t connections = 100;
};

/// Builds the lab, sets every host up with our own programs, starts the director, breaks one thing
/// when asked to, lets a client judge owner and rotation, and takes everything down again, whatever
/// came of it. One line of progress a step. A host that cannot be set up is a failed check, and
/// what depends on it is not run.
Outcome<Report> lab_test(const LabTestOptions& options, std::ostream& progress);

}  // namespace lvs::verify
