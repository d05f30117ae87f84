#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "verify/lab/record.h"

namespace lvs::verify {

struct SpawnOptions {
  std::string what;               ///< for the record and for messages
  std::vector<std::string> argv;  ///< argv[0] is a path, or looked up in PATH and /usr/sbin
  int netns_fd = -1;              ///< the network namespace to run in
  std::string log_path;           ///< standard output and error are appended to it
};

/// Starts a program that ends with us, in whatever way we end: the kernel kills it when this
/// process dies (PR_SET_PDEATHSIG). So it must be called by the one thread that lives as long as
/// the lab.
Result<RecordedProcess> spawn(const SpawnOptions& options);

}  // namespace lvs::verify
