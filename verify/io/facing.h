#pragma once

#include <optional>
#include <string>

#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/linux/rtnetlink.h"
#include "net/wire/addr.h"

namespace lvs::verify {

/// This host's NIC toward a virtual address.
struct Facing {
  LinkIndex link{};
  std::string nic;
  MacAddr mac{};
  Ipv4Addr own{};                 ///< our address there
  std::optional<IpAddr> gateway;  ///< the VIP lies behind it; absent: it is on our LAN
  bool vip_is_ours = false;       ///< the VIP is an address of this host itself
};

/// Asks the kernel by which NIC it would reach `vip`. ENETUNREACH when there is no route.
Result<Facing> find_facing(linux_net::RouteSocket& socket, Ipv4Addr vip);

}  // namespace lvs::verify
