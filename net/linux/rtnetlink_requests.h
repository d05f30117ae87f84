#pragma once

#include <string_view>

#include "net/linux/netlink.h"
#include "net/linux/rtnetlink.h"

// The bytes of rtnetlink requests: values in, attributes out. No system call; RouteSocket sends
// them.

namespace lvs::linux_net {

/// Fixed part and attributes of RTM_NEWADDR and RTM_DELADDR. Deleting matches address, prefix
/// length and label. Flags that only the kernel sets (IFA_F_PERMANENT …) are left out.
void put_address(Request& request, const Address& address);

/// Of RTM_NEWROUTE and RTM_DELROUTE: a gateway of the other family goes into RTA_VIA.
void put_route(Request& request, const Route& route);

/// Of RTM_GETROUTE: by which route this host reaches an address, out of `out` where that is given.
void put_route_question(Request& request, const IpAddr& destination, LinkIndex out);

/// Of RTM_NEWNEIGH and RTM_DELNEIGH.
void put_neighbour(Request& request, const Neighbour& neighbour);

/// Of RTM_NEWLINK for a bridge, and for a veth pair whose peer is made in the namespace behind
/// `peer_netns_fd` (-1: in the same one).
void put_bridge(Request& request, std::string_view name);
void put_veth(Request& request, std::string_view name, std::string_view peer, int peer_netns_fd);

/// The fixed part that names an existing link; `set` of the flags in `changed` are switched on, the
/// others of them off.
void put_link(Request& request, LinkIndex link, std::uint32_t set = 0, std::uint32_t changed = 0);

/// AF_INET or AF_INET6.
std::uint8_t family_number(Family family);

}  // namespace lvs::linux_net
