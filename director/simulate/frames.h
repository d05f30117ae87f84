#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "director/core/engine.h"
#include "net/wire/bytes.h"

namespace lvs::director::simulate {

inline constexpr MacAddr kRouterMac{{0x02, 0, 0, 0, 0, 0x01}};
inline constexpr MacAddr kDirectorMac{{0x02, 0, 0, 0, 0, 0x02}};

/// A client's packet without payload as it comes to the director, checksums right, behind
/// `headroom` bytes.
std::vector<std::uint8_t> make_frame(const ClientFlow& flow, std::uint8_t tcp_flags,
                                     std::size_t headroom);

/// A packet as recordings write it: "tcp 10.0.0.1:80 > 203.0.113.5:1033 RA",
/// "icmp 10.0.0.1 > 203.0.113.5 type 3 code 3". `outer_length`: bytes of a tunnel's headers in
/// front of it, which are passed over.
std::string packet_text(wire::ConstBytes frame, std::size_t outer_length);
/// The port that the packet goes to.
Port destination_port_of(wire::ConstBytes frame, std::size_t outer_length);

}  // namespace lvs::director::simulate
