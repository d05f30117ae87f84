#pragma once

#include <vector>

#include "net/base/result.h"
#include "profiles/core/profile.h"
#include "verify/core/known_hosts.h"
#include "verify/io/arp_prober.h"
#include "verify/io/facing.h"

namespace lvs::verify {

/// Learns which host of the profile has which Ethernet address, by asking for each host's address
/// on the LAN of the VIP. Hosts on other LANs stay unknown; this host itself is known without
/// asking.
Result<KnownHosts> learn_hosts(ArpProber& prober, const profiles::Profile& profile,
                               const Facing& facing, Ipv4Addr vip);

}  // namespace lvs::verify
