// What lvs-realserver sets up: the host's part in each method that it serves by.

#include <algorithm>

#include "profiles/core/desired_parts.h"
#include "profiles/core/reach.h"

namespace lvs::profiles {

void desire_realserver(Desired& desired, const Profile& profile, const Host& host,
                       const Abilities& can) {
  if (host.has(Role::Director)) {
    desired.notes.push_back("host " + host.name +
                            " is a director, which owns the VIP: as a server of its own services "
                            "(local) it needs no VIP on lo and no ARP settings");
    return;
  }
  const std::vector<Seat> by_dr = seats_of(profile, host, Method::Dr);
  const std::vector<Seat> by_tun = seats_of(profile, host, Method::Tun);
  std::vector<Seat> silent = by_dr;
  silent.insert(silent.end(), by_tun.begin(), by_tun.end());
  if (silent.empty()) {
    desired.notes.push_back("host " + host.name + " serves no service by method dr or tun");
    return;
  }
  add_silence(desired, host, vips_of(silent));
  add_vips_on_lo(desired, host, vips_of(by_dr));
  if (!by_tun.empty()) desire_tunnel_end(desired, profile, host, can);
  add_silence_probes(desired, host, vips_of(silent));
}

}  // namespace lvs::profiles
