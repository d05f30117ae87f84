#pragma once

#include <string>
#include <utility>
#include <vector>

#include "profiles/core/desired.h"
#include "profiles/core/snapshot.h"

namespace lvs::profiles {

/// Where this host would send from, for one destination.
struct SourceChoice {
  IpAddr destination{};
  IpAddr source{};
};

/// What is wrong with VIPs in ways that only show in traffic: a prefix that makes a whole network
/// local, and a VIP that the kernel takes as the source of what the host itself sends.
std::vector<std::string> vip_findings(const Desired& desired, const Snapshot& now,
                                      const std::vector<SourceChoice>& sources);

}  // namespace lvs::profiles
