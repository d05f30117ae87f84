#pragma once

#include "net/base/result.h"
#include "verify/lab/record.h"

namespace lvs::verify {

/// Ends every process of the lab: first those that run in its network namespaces (directors, what
/// `lab exec` started), then the holder, each with SIGTERM and after 5 s SIGKILL. A process is
/// ended only if its network namespace is one of the record's, told by its cookie, which no other
/// namespace of this boot ever has, or if it is the recorded holder by pid and start time. Works
/// after the holder has died too. The error names what could not be ended.
Result<void> end_processes(const LabRecord& record);

}  // namespace lvs::verify
