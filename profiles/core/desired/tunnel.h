#pragma once

#include "profiles/core/desired/parts.h"
#include "profiles/core/desired/reach.h"
#include "profiles/core/desired/tunnel_way.h"

// The parts of a real server of tun.

namespace lvs::profiles {

/// Each director's tunnel packets pass the firewall.
void add_tunnel_accepts(Desired& desired, const Profile& profile, const std::vector<Seat>& seats,
                        const Abilities& can);

}  // namespace lvs::profiles
