#pragma once

#include <cstddef>
#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"

// The Internet checksum: RFC 1071 to make it, RFC 1624 to keep it right. Freestanding.

namespace lvs::wire {

/// Carries added back at the low end until there is none.
constexpr std::uint16_t fold(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

/// The plain sum of 16-bit words, not folded; an odd last byte counts as the high half of a word.
constexpr std::uint64_t add_words(ConstBytes bytes, std::uint64_t sum = 0) {
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) sum += load_be16(bytes, i);
  if (i < bytes.size()) sum += std::uint64_t{bytes[i]} << 8;
  return sum;
}

/// The one's complement sum. Over bytes that hold their own right checksum it is 0xffff.
constexpr std::uint16_t sum_of(ConstBytes bytes) { return fold(add_words(bytes)); }

/// The checksum to store in a field that is zero now.
constexpr std::uint16_t checksum_of(ConstBytes bytes) {
  return static_cast<std::uint16_t>(~sum_of(bytes));
}

/// The sum of an address's 16-bit words, not folded.
constexpr std::uint64_t address_words(Ipv4Addr address) {
  return std::uint64_t{address.number() >> 16} + (address.number() & 0xffff);
}
constexpr std::uint64_t address_words(const Ipv6Addr& address) {
  return add_words(ConstBytes{address.octets()});
}

/// The sum of the pseudo-header that TCP and UDP count in over IPv4 (RFC 9293, 3.1) and that these
/// and ICMPv6 count in over IPv6 (RFC 8200, 8.1), not folded.
template <typename Addr>
constexpr std::uint64_t pseudo_header_words(const Addr& source, const Addr& destination,
                                            Protocol protocol, std::size_t length) {
  return address_words(source) + address_words(destination) +
         std::uint64_t{static_cast<std::uint8_t>(protocol)} + length;
}

/// The checksum after one 16-bit word of the covered data changed from `before` to `after`.
/// Equation 3 of RFC 1624; the form in RFC 1141 can produce 0xffff where 0x0000 is right.
constexpr std::uint16_t adjust16(std::uint16_t checksum, std::uint16_t before,
                                 std::uint16_t after) {
  const std::uint32_t sum = std::uint32_t{static_cast<std::uint16_t>(~checksum)} +
                            static_cast<std::uint16_t>(~before) + after;
  return static_cast<std::uint16_t>(~fold(sum));
}

/// The same for a 32-bit field.
constexpr std::uint16_t adjust32(std::uint16_t checksum, std::uint32_t before,
                                 std::uint32_t after) {
  checksum = adjust16(checksum, static_cast<std::uint16_t>(before >> 16),
                      static_cast<std::uint16_t>(after >> 16));
  return adjust16(checksum, static_cast<std::uint16_t>(before & 0xffff),
                  static_cast<std::uint16_t>(after & 0xffff));
}

}  // namespace lvs::wire
