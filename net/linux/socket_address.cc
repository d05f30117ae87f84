#include "net/linux/socket_address.h"

#include <netinet/in.h>

#include <cstring>

namespace lvs::linux_net {

const sockaddr* SocketAddress::get() const {
  const void* generic = &storage;
  return static_cast<const sockaddr*>(generic);
}

sockaddr* SocketAddress::get() {
  void* generic = &storage;
  return static_cast<sockaddr*>(generic);
}

SocketAddress socket_address(const IpAddr& address, Port port) {
  SocketAddress result;
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port.number);
    v4.sin_addr.s_addr = htonl(address.v4().number());
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.length = sizeof v4;
    return result;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port.number);
  std::memcpy(&v6.sin6_addr, address.v6().octets().data(), sizeof v6.sin6_addr);
  std::memcpy(&result.storage, &v6, sizeof v6);
  result.length = sizeof v6;
  return result;
}

}  // namespace lvs::linux_net
