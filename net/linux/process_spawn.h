#pragma once

#include <sys/types.h>

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "net/linux/process.h"

namespace lvs::linux_net {

/// The child's standard descriptors; the caller keeps its own.
struct StandardFds {
  int in = -1;
  int out = -1;
  int err = -1;
};

struct Spawned {
  pid_t pid = -1;
  UniqueFd pidfd;
};

/// Starts a program; comes back when it has been executed, or says why it could not be.
Result<Spawned> spawn(const Program& program, const StandardFds& fds, bool own_session);

}  // namespace lvs::linux_net
