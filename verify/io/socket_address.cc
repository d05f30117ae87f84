#include "verify/io/socket_address.h"

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace lvs::verify {

const sockaddr* SocketAddress::get() const {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the face of the socket calls
  return reinterpret_cast<const sockaddr*>(&storage);
}

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress out;
  if (endpoint.addr.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port.number);
    v4.sin_addr.s_addr = htonl(endpoint.addr.v4().number());
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.length = sizeof v4;
    return out;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port.number);
  std::memcpy(&v6.sin6_addr, endpoint.addr.v6().octets().data(), sizeof v6.sin6_addr);
  std::memcpy(&out.storage, &v6, sizeof v6);
  out.length = sizeof v6;
  return out;
}

Endpoint local_endpoint(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the face of the socket calls
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return {Ipv4Addr{ntohl(v4.sin_addr.s_addr)}, Port{ntohs(v4.sin_port)}};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage, sizeof v6);
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return {Ipv6Addr{octets}, Port{ntohs(v6.sin6_port)}};
}

}  // namespace lvs::verify
