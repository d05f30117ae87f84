#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"

// IP addresses inside of packets. Freestanding.

namespace lvs::wire {

constexpr Ipv6Addr load_ipv6(ConstBytes bytes, std::size_t offset) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = bytes[offset + i];
  return Ipv6Addr{octets};
}

constexpr void store_ipv6(MutableBytes bytes, std::size_t offset, const Ipv6Addr& address) {
  for (std::size_t i = 0; i < address.octets().size(); ++i) bytes[offset + i] = address.octets()[i];
}

/// For templates over both families. The caller has made sure that the address lies in the bytes.
constexpr void store_address(MutableBytes bytes, std::size_t offset, Ipv4Addr address) {
  store_be32(bytes, offset, address.number());
}
constexpr void store_address(MutableBytes bytes, std::size_t offset, const Ipv6Addr& address) {
  store_ipv6(bytes, offset, address);
}

}  // namespace lvs::wire
