#pragma once

#include <cstdint>
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

/// An IPv6 address whose duplicate detection has not ended well: it is listed like any other, but
/// the kernel takes no packet for it.
struct UnusableAddress {
  IpAddr addr{};
  std::uint8_t prefix_len = 0;
  std::string link;
  bool failed = false;  ///< IFA_F_DADFAILED: another host has it; else it is still being asked for
};

/// What is wrong with VIPs in ways that only show in traffic: a prefix that makes a whole network
/// local, and a VIP that the kernel takes as the source of what the host itself sends.
std::vector<std::string> vip_findings(const Desired& desired, const Snapshot& now,
                                      const std::vector<SourceChoice>& sources);

/// VIPs of this profile that are on `self` and not in use: why, and what helps.
std::vector<std::string> detection_findings(const Profile& profile, const Host& self,
                                            const std::vector<UnusableAddress>& unusable);

}  // namespace lvs::profiles
