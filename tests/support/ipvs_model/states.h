#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "director/core/config.h"
#include "tests/support/ipvs_model/packet.h"

// The state tables of facts 2.5 and 2.6. A state is the name that ipvsadm prints.

namespace lvs::test {

enum class Direction : std::uint8_t {
  Input,      ///< from the client, where the server's answers pass here as well
  Output,     ///< from the server
  InputOnly,  ///< from the client, and the server's answers were not seen
};

/// The state that a packet brings a connection to. Nothing: the facts do not say (some chunks of
/// SCTP in some states).
std::optional<std::string> next_state(const ModelPacket& packet, Direction direction,
                                      const std::string& state);

/// How long a connection in this state lives without a packet.
std::uint32_t timeout_seconds(Protocol protocol, const std::string& state,
                              const director::ServiceConfig& service);

/// Counted as active; all others are inactive (facts 2.4).
bool is_active(Protocol protocol, const std::string& state);

}  // namespace lvs::test
