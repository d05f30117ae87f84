#pragma once

#include <map>
#include <vector>

#include "net/base/result.h"
#include "net/linux/rtnetlink.h"

namespace lvs::profiles {

/// The MACs of addresses on this host's LANs: this host's own, those that the kernel knows, and of
/// the others those that answer within a second (once for all of them). Asking needs
/// CAP_NET_ADMIN; without it only what is known is told. Whoever does not answer is left out.
Result<std::map<IpAddr, MacAddr>> resolve_macs(linux_net::RouteSocket& route,
                                               const std::vector<IpAddr>& wanted);

}  // namespace lvs::profiles
