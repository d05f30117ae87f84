#include "verify/io/local_endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace lvs::verify {

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
