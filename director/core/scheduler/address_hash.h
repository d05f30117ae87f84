#pragma once

#include <cstddef>
#include <cstdint>

#include "director/core/scheduler/new_flow.h"
#include "net/wire/addr.h"

// How dh, sh and mh read addresses and ports (facts of IPVS, 1.4 and 1.5).

namespace lvs::director {

/// An address in 32 bits: IPv4 as it is, IPv6 as the exclusive or of its four words.
constexpr std::uint32_t folded(const IpAddr& addr) {
  if (addr.is_v4()) return addr.v4().number();
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 16; ++i)
    word ^= std::uint32_t{addr.v6().octets()[i]} << (24 - 8 * (i % 4));
  return word;
}

/// The highest byte of the product with the golden ratio's multiplier.
constexpr std::uint8_t hash8(std::uint32_t value) {
  return static_cast<std::uint8_t>(value * 0x61C88647u >> 24);
}

/// What of a client's port is hashed where the flags say so: that of TCP, UDP and SCTP.
constexpr std::uint32_t hashed_port(const NewFlow& flow) {
  const bool has_ports = flow.protocol == Protocol::Tcp || flow.protocol == Protocol::Udp ||
                         flow.protocol == Protocol::Sctp;
  return has_ports ? flow.client_port.number : 0;
}

}  // namespace lvs::director
