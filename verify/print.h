#pragma once

#include "net/cli/command.h"
#include "verify/core/failure.h"
#include "verify/core/report.h"

namespace lvs::verify {

/// Prints a report, as text (coloured on a terminal unless NO_COLOR is set) or as one JSON
/// document, and gives its exit status.
ExitStatus print(const Report& report, bool json, cli::Streams streams);

/// Prints why there is no report, and gives the exit status of that.
ExitStatus print(const Failure& failure, const std::string& command, bool json,
                 cli::Streams streams);

}  // namespace lvs::verify
