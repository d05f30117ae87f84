#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"
#include "profiles/core/profile.h"
#include "verify/core/report.h"
#include "verify/core/targets.h"

namespace lvs::verify {

struct RotationOptions {
  std::optional<std::string> service;  ///< by name; absent: every service
  std::size_t connections = 100;
  std::vector<IpAddr> from;  ///< source addresses, taken in turn; empty: the one facing the VIP
  std::vector<Port> ports = sampled_ports();  ///< where services of every port are asked
  std::chrono::milliseconds deadline{3000};   ///< for each connection
};

/// Opens connections to each service one at a time, captures them on the NIC meanwhile, and judges
/// which server had which. A service that cannot be judged from here is a skipped check. EPERM:
/// CAP_NET_RAW is missing. EINVAL: no service has that name.
Result<Report> run_rotation(const profiles::Profile& profile, const RotationOptions& options);

}  // namespace lvs::verify
