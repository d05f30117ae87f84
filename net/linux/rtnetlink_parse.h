#pragma once

#include <linux/netlink.h>

#include <optional>

#include "net/linux/rtnetlink.h"

// From rtnetlink messages back to values. Whatever is too short, or of a family that is not ours
// (bridge ports speak AF_BRIDGE with the same message types), is nullopt.

namespace lvs::linux_net {

std::optional<Link> parse_link(const nlmsghdr& message);
std::optional<Address> parse_address(const nlmsghdr& message);
/// A route of a table, or a looked-up one.
std::optional<Route> parse_route(const nlmsghdr& message);
/// What a looked-up route says of its MTU; 0: nothing.
std::uint32_t route_mtu(const nlmsghdr& message);
/// True for a cached clone of a route (RTM_F_CLONED), which is no entry of a table.
bool is_cloned(const nlmsghdr& message);
std::optional<Neighbour> parse_neighbour(const nlmsghdr& message);

/// The event that a notification tells; nullopt when it concerns nothing of ours.
std::optional<RouteEvent> parse_event(const nlmsghdr& message);

}  // namespace lvs::linux_net
