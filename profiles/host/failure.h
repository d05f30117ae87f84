#pragma once

#include <string>

#include "net/base/result.h"
#include "profiles/host/host_part.h"
#include "profiles/io/profile_file.h"

namespace lvs::host {

/// The failure that an error means: a missing right is 77, a kernel that lacks something 69.
HostFailure failure_of(const Error& error);
/// 65, with every mistake.
HostFailure failure_of(profiles::BadProfile bad);

/// The failure as the return value of a function that gives a HostResult.
inline tl::unexpected<HostFailure> refuse(HostFailure failure) {
  return tl::unexpected<HostFailure>(std::move(failure));
}
inline tl::unexpected<HostFailure> refuse(ExitStatus status, std::string message) {
  return refuse(HostFailure{status, std::move(message)});
}

/// A failure with 77 when this process lacks CAP_NET_ADMIN. `why` ends "CAP_NET_ADMIN is missing:
/// ".
HostResult<void> need_net_admin(const std::string& why);

}  // namespace lvs::host
