#include <linux/rtnetlink.h>

#include <array>
#include <utility>

#include "net/linux/rtnetlink.h"
#include "net/linux/rtnetlink_parse.h"

namespace lvs::linux_net {

Result<RouteEvents> RouteEvents::open() {
  constexpr std::array<unsigned, 8> groups{
      RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
      RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE,   RTNLGRP_NEIGH};
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE, groups));
  return RouteEvents(std::move(socket));
}

Result<std::vector<RouteEvent>> RouteEvents::pending() {
  std::vector<RouteEvent> events;
  const auto all = socket_.pending([&](const nlmsghdr& message) {
    if (auto event = parse_event(message)) events.push_back(*std::move(event));
  });
  if (!all) return fail_within("read notifications of links and routes", all.error());
  if (!*all) events.emplace_back(EventsLost{});
  return events;
}

}  // namespace lvs::linux_net
