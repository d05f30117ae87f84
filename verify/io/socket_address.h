#pragma once

#include <sys/socket.h>

#include "net/wire/addr.h"
#include "verify/core/rotation.h"

namespace lvs::verify {

/// An endpoint as the socket calls want it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const;
};

SocketAddress to_socket_address(const Endpoint& endpoint);

/// The local end of a bound or connected socket; the zero endpoint when there is none.
Endpoint local_endpoint(int socket);

}  // namespace lvs::verify
