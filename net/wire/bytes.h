#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

// The only place where byte order exists. Freestanding.

namespace lvs::wire {

using MutableBytes = std::span<std::uint8_t>;
using ConstBytes = std::span<const std::uint8_t>;

/// What a view is made over: std::uint8_t to read and write, const std::uint8_t to read.
template <typename B>
concept Byte = std::same_as<std::remove_const_t<B>, std::uint8_t>;
template <typename B>
concept MutableByte = std::same_as<B, std::uint8_t>;

/// Why bytes are not what a view wants them to be.
enum class Defect : std::uint8_t {
  None,
  Truncated,  ///< fewer bytes than the header, or than its length field says
  Malformed,  ///< a field that no valid packet has
};

// The caller has made sure that offset + width <= bytes.size().

constexpr std::uint16_t load_be16(ConstBytes bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

constexpr std::uint32_t load_be32(ConstBytes bytes, std::size_t offset) {
  return std::uint32_t{load_be16(bytes, offset)} << 16 | load_be16(bytes, offset + 2);
}

constexpr void store_be16(MutableBytes bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::uint8_t>(value >> 8);
  bytes[offset + 1] = static_cast<std::uint8_t>(value & 0xff);
}

constexpr void store_be32(MutableBytes bytes, std::size_t offset, std::uint32_t value) {
  store_be16(bytes, offset, static_cast<std::uint16_t>(value >> 16));
  store_be16(bytes, offset + 2, static_cast<std::uint16_t>(value & 0xffff));
}

// SCTP's checksum is the one field whose least significant byte goes first (RFC 9260, appendix A).

constexpr std::uint32_t load_le32(ConstBytes bytes, std::size_t offset) {
  return std::uint32_t{bytes[offset]} | std::uint32_t{bytes[offset + 1]} << 8 |
         std::uint32_t{bytes[offset + 2]} << 16 | std::uint32_t{bytes[offset + 3]} << 24;
}

constexpr void store_le32(MutableBytes bytes, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i)
    bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xff);
}

}  // namespace lvs::wire
