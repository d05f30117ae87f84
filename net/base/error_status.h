#pragma once

#include <cerrno>

#include "net/base/exit_status.h"
#include "net/base/result.h"

namespace lvs {

/// What the kernel's refusal means for whoever called the program: a missing right is 77, what the
/// kernel lacks 69, everything else 1.
inline ExitStatus exit_status_of(const Error& error) {
  switch (error.sys_errno) {
    case EPERM:
    case EACCES:
      return ExitStatus::NoPermission;
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
      return ExitStatus::Unsupported;
    default:
      return ExitStatus::Failed;
  }
}

}  // namespace lvs
