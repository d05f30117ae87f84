#pragma once

#include <chrono>
#include <map>
#include <string>

#include "net/base/result.h"
#include "profiles/core/profile.h"
#include "verify/core/owner.h"
#include "verify/core/report.h"

namespace lvs::verify {

struct OwnerOptions {
  std::chrono::milliseconds window{2000};  ///< how long each VIP is watched
  std::map<std::string, ArpState> states;  ///< what is known of hosts' own settings
};

/// Asks on the LAN of each IPv4 VIP who has it and judges the answers. A VIP that cannot be asked
/// for from here (behind a gateway, this host's own, IPv6) is a skipped check that says why. EPERM:
/// CAP_NET_RAW is missing.
Result<Report> run_owner(const profiles::Profile& profile, const OwnerOptions& options);

}  // namespace lvs::verify
