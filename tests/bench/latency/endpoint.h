#pragma once

#include <optional>
#include <string>

#include "net/linux/socket_address.h"

namespace lvs::bench {

/// "192.0.2.1:9000"; "[2001:db8::1]:9000" is not read: the bed is IPv4.
std::optional<linux_net::SocketAddress> parse_endpoint(const std::string& text);

}  // namespace lvs::bench
