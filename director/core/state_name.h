#pragma once

#include <cstdint>
#include <string_view>

#include "director/core/records.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// The state of a conversation as ipvsadm prints it: "SYN_RECV", "UDP", "C-SENT" …
std::string_view state_name(Protocol protocol, std::uint8_t state);
/// Of a template: "ASSURED" when a connection of it was answered, else "NONE".
std::string_view template_state_name(std::uint8_t connection_flags);

template <typename Addr>
std::string_view state_name(const Connection<Addr>& connection) {
  return connection.is_template() ? template_state_name(connection.flags)
                                  : state_name(connection.protocol, connection.state);
}

}  // namespace lvs::director
