#pragma once

#include <vector>

#include "net/base/result.h"
#include "net/linux/rtnetlink.h"

namespace lvs::profiles {

/// Tells the neighbours on `link` that its MAC has these addresses now: for IPv4 a gratuitous
/// request (fills caches that know the address) and the reply form (for those that take only
/// replies), for IPv6 an unsolicited advertisement to all nodes. ENETDOWN: the link is down.
Result<void> announce_vips(const linux_net::Link& link, const std::vector<IpAddr>& vips);

}  // namespace lvs::profiles
