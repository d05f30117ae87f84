#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/wire/bytes.h"

namespace lvs::director::simulate {

/// What the director's own host answers to a frame that the engine gives back to it: every address
/// is its own and nobody listens. So a segment is reset (RFC 9293, 3.10.7.1) and a datagram's port
/// is unreachable (RFC 1122, 4.1.3.1). Empty: it says nothing.
std::vector<std::uint8_t> answer_of_host(wire::MutableBytes frame);

}  // namespace lvs::director::simulate
