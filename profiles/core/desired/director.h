#pragma once

#include <vector>

#include "profiles/core/derive.h"
#include "profiles/core/desired/parts.h"

// The parts of a director.

namespace lvs::profiles {

/// The services that a director's host is set up for.
std::vector<Service> services_to_forward(const Profile& profile);
/// Their VIPs, sorted, once.
std::vector<IpAddr> forwarded_vips(const Profile& profile);
/// The servers of a service that `host` reaches by nat; a local one needs none.
std::vector<Server> nat_servers(const Profile& profile, const Service& service, const Host& host);

void add_withholding(Desired& desired, const Profile& profile, const Host& host);
/// Forwarding and MASQUERADE for connections that nat servers open themselves; nothing without nat.
void add_masquerade(Desired& desired, const Profile& profile, const Host& host,
                    const Abilities& can);

}  // namespace lvs::profiles
