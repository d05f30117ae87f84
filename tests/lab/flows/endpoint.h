#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace lvs::test {

/// An address and a port as the socket interface takes them.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  Endpoint(const std::string& address, std::uint16_t port) {
    if (address.find(':') == std::string::npos) {
      auto& v4 = as<sockaddr_in>();
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
      size = sizeof v4;
    } else {
      auto& v6 = as<sockaddr_in6>();
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr);
      size = sizeof v6;
    }
  }
  int family() const { return storage.ss_family; }
  const sockaddr* get() const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's idiom
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  sockaddr* get() {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's idiom
    return reinterpret_cast<sockaddr*>(&storage);
  }

 private:
  template <typename Address>
  Address& as() {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's idiom
    return reinterpret_cast<Address&>(storage);
  }
};

}  // namespace lvs::test
