#pragma once

#include <netinet/in.h>

#include <optional>
#include <string>

namespace lvs::bench {

/// "192.0.2.1:9000" or "[2001:db8::1]:9000" is not read: the bed is IPv4.
std::optional<sockaddr_in> parse_endpoint(const std::string& text);

/// As the socket calls want it.
inline const sockaddr* generic(const sockaddr_in& address) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's own idiom
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace lvs::bench
