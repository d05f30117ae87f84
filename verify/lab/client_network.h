#pragma once

#include <optional>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"
#include "profiles/core/profile.h"

namespace lvs::verify {

/// Where the lab's own client lives.
struct ClientPlan {
  std::vector<Prefix> addresses;
  std::optional<IpAddr> gateway;  ///< how it reaches the VIPs; absent when they are on its LAN
};

/// `[lab] clients`, else the first free address of the clients' network, or the first four where a
/// service is persistent, because to it each address is a client of its own; the gateway is the
/// address of `[lab] routes_via`, else of the file's router, else (VIP in another network) of the
/// director.
Result<ClientPlan> plan_client(const profiles::Profile& profile);

/// The lowest `most` addresses of `network` that no host, VIP, gateway or client of the profile
/// has; fewer where there are no more.
std::vector<Prefix> free_addresses(const profiles::Profile& profile, const Prefix& network,
                                   std::size_t most);

}  // namespace lvs::verify
