#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "net/linux/netlink.h"

namespace lvs::linux_net {

/// Every message of a dump that `parse` understands.
template <typename Value>
Result<std::vector<Value>> collect(NetlinkSocket& socket, Request& request, const char* what,
                                   std::optional<Value> (*parse)(const nlmsghdr&)) {
  std::vector<Value> values;
  const auto read = socket.dump(
      request, [&] { values.clear(); },
      [&](const nlmsghdr& message) {
        if (auto value = parse(message)) values.push_back(*std::move(value));
      });
  if (!read) return fail_within(what, read.error());
  return values;
}

}  // namespace lvs::linux_net
