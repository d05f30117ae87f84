#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/wire/bytes.h"

// CRC32c, SCTP's checksum (RFC 9260, appendix A; the polynomial is Castagnoli's). Freestanding.

namespace lvs::wire {

namespace detail {
/// What each value of a byte adds: the reflected polynomial 0x1edc6f41, bit by bit.
constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
  constexpr std::uint32_t reflected = 0x82f63b78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? reflected : 0);
    table[byte] = crc;
  }
  return table;
}
inline constexpr std::array<std::uint32_t, 256> kCrc32cTable = make_crc32c_table();
}  // namespace detail

/// The CRC of `bytes`; of bytes that follow others when `before` is the others' CRC.
constexpr std::uint32_t crc32c(ConstBytes bytes, std::uint32_t before = 0) {
  std::uint32_t crc = ~before;
  for (const std::uint8_t byte : bytes) crc = crc >> 8 ^ detail::kCrc32cTable[(crc ^ byte) & 0xff];
  return ~crc;
}

}  // namespace lvs::wire
