#pragma once

#include <cstdint>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/objects/decap.h"

namespace lvs::profiles {

/// A tunnel packet as a director sends it, with a UDP datagram inside.
struct TunnelFrame {
  MacAddr to{};  ///< of the NIC that receives it
  MacAddr from{};
  IpAddr director{};  ///< the outer source
  DecapTarget target;
  IpAddr inner_source{};
  IpAddr vip{};
  Port port{};  ///< on the VIP
  std::vector<std::uint8_t> payload;
};

/// From the Ethernet header on, every checksum right.
std::vector<std::uint8_t> bytes_of(const TunnelFrame& frame);

/// The protocol number of the outer header.
std::uint8_t outer_protocol(TunnelType type, Family inner);

}  // namespace lvs::profiles
