#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/linux/netlink.h"
#include "net/wire/addr.h"

// The kernel's tunnel devices ipip, sit and ip6tnl, in the calling thread's network namespace.

namespace lvs::linux_net {

struct TunnelLink {
  LinkIndex index{};
  std::string name{};
  std::string kind{};   ///< "ipip", "sit", "ip6tnl"
  IpAddr local{};       ///< unspecified, of the kind's family: any
  std::string alias{};  ///< IFLA_IFALIAS
  friend bool operator==(const TunnelLink&, const TunnelLink&) = default;
};

/// Fixed part and attributes of RTM_NEWLINK for a device that takes packets to `local` out of the
/// tunnel, whoever sent them: remote any, TTL 64, path MTU discovery (without it a smaller path is
/// a black hole), ip6tnl for both inner families. The kernel takes an alias only of links that
/// exist, so none is in it.
void put_tunnel(Request& request, const TunnelLink& tunnel);

/// nullopt: not a link of these kinds.
std::optional<TunnelLink> parse_tunnel(const nlmsghdr& message);

Result<std::vector<TunnelLink>> tunnel_links();

/// Makes the device and gives it its alias, or leaves nothing behind. EEXIST: the name is taken, or
/// another device (tunl0) has the same ends. EOPNOTSUPP: this kernel has no such kind.
Result<void> add_tunnel(const TunnelLink& tunnel);

}  // namespace lvs::linux_net
