#pragma once

#include "profiles/core/desired.h"

// The roles' own parts of desire(), each in a file of its own.

namespace lvs::profiles {

void desire_realserver(Desired& desired, const Profile& profile, const Host& host,
                       const Abilities& can);
void desire_director(Desired& desired, const Profile& profile, const Host& host,
                     const Abilities& can);

/// Adds the host's `sysctl` entries that no derived wish has taken up, and turns those that one has
/// into the override: the value said is the only accepted one, and a note says what was derived.
void add_sysctls(Desired& desired, const Host& host, std::vector<SysctlWish> derived);

/// The host's links by name, in the order of the file.
std::vector<std::string> link_names(const Host& host);

/// The host route to a VIP that both roles keep.
RouteFact host_route(const IpAddr& vip, const std::string& link);

}  // namespace lvs::profiles
