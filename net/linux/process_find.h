#pragma once

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "net/base/result.h"

namespace lvs::linux_net {

/// A process as others see it.
struct RunningProcess {
  pid_t pid = -1;
  std::vector<std::string> command_line;  ///< the program first, as it was started
};

/// Every process of this user in the calling thread's network namespace, by pid. Those that may not
/// be looked at are left out.
Result<std::vector<RunningProcess>> processes_of_this_namespace();

/// Ends exactly this process: nothing happens when its number now means another command line,
/// another user or another namespace (ESRCH). SIGTERM, and SIGKILL after `grace`.
Result<void> end_process(const RunningProcess& process, std::chrono::milliseconds grace);

}  // namespace lvs::linux_net
