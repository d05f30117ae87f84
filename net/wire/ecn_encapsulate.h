#pragma once

#include <cstdint>

// Freestanding.

namespace lvs::wire {

/// The outer header's TOS or traffic class for an inner one: RFC 6040's normal mode copies the ECN
/// field, and the DSCP is copied as IPVS does. Linux's own tunnels follow RFC 3168 and tell a
/// congestion that was met before the tunnel (CE) as ECT(0) outside; the receiver gets CE from the
/// inner header either way.
constexpr std::uint8_t encapsulated_tos(std::uint8_t inner) { return inner; }

}  // namespace lvs::wire
