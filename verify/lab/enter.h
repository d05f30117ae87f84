#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "verify/core/failure.h"
#include "verify/lab/record.h"

namespace lvs::verify {

/// Moves this process, which must have one thread, into a host of a lab: user, mount and network
/// namespaces. The holder is checked to be the recorded process first. The current folder stays.
Result<void> enter_host(const LabRecord& record, const RecordedHost& host);

/// Enters the host and becomes the program (argv[0] is looked up in PATH). LVSKIT_STATE_DIR points
/// below the lab's folder, so that state of a lab goes away with it. Returns only on failure.
Failure run_in_host(const LabRecord& record, const std::string& host,
                    const std::filesystem::path& folder, const std::vector<std::string>& argv);

}  // namespace lvs::verify
