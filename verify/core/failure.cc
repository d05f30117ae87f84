#include "verify/core/failure.h"

#include <cerrno>

namespace lvs::verify {

Failure to_failure(const Error& error) {
  switch (error.sys_errno) {
    case EPERM:
    case EACCES:
      return {ExitStatus::NoPermission, error.what};
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
      return {ExitStatus::Unsupported, error.what};
    default:
      return {ExitStatus::Failed, error.what};
  }
}

}  // namespace lvs::verify
