#pragma once

#include <cstdint>
#include <string_view>

#include "net/wire/addr.h"

namespace lvs::director {

/// The state of a connection's record as ipvsadm prints it: "SYN_RECV", "UDP" …
std::string_view state_name(Protocol protocol, std::uint8_t state);

}  // namespace lvs::director
