#pragma once

#include <sys/socket.h>

#include "net/wire/addr.h"

namespace lvs::linux_net {

/// An address and a port as the socket calls want them.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const;
  sockaddr* get();
};

SocketAddress socket_address(const IpAddr& address, Port port);

}  // namespace lvs::linux_net
