#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ipv4.h"

// How an IPv4 header goes into fragments (RFC 791, 2.3 and 3.1). Freestanding.

namespace lvs::wire {

/// An IPv4 header by itself.
struct Ipv4Header {
  std::array<std::uint8_t, 60> bytes{};
  std::size_t length = 0;

  constexpr ConstBytes view() const { return ConstBytes{bytes}.first(length); }
};

namespace detail {

/// The length of the first option in `options`, 0 where no option can be read.
constexpr std::size_t ipv4_option_length(ConstBytes options) {
  constexpr std::uint8_t end = 0, no_operation = 1;
  if (options.empty() || options[0] == end) return 0;
  if (options[0] == no_operation) return 1;
  if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) return 0;
  return options[1];
}

}  // namespace detail

/// The header of fragments behind the first: of the options those whose type says "copied", filled
/// up to whole words with end-of-options. `header` is a whole IPv4 header.
constexpr Ipv4Header later_fragment_header(ConstBytes header) {
  using namespace ipv4_field;
  constexpr std::uint8_t copied = 0x80;
  Ipv4Header later;
  std::copy_n(header.begin(), kMinHeader, later.bytes.begin());
  later.length = kMinHeader;
  ConstBytes options = header.subspan(kMinHeader);
  for (std::size_t length = detail::ipv4_option_length(options); length != 0;
       length = detail::ipv4_option_length(options)) {
    if ((options[0] & copied) != 0) {
      std::copy_n(options.begin(), length,
                  later.bytes.begin() + static_cast<std::ptrdiff_t>(later.length));
      later.length += length;
    }
    options = options.subspan(length);
  }
  later.length = (later.length + 3) / 4 * 4;
  later.bytes[kVersion] = static_cast<std::uint8_t>(0x40 | later.length / 4);
  return later;
}

/// Makes a copied header that of a fragment: `length` bytes of data from `offset` (both in bytes)
/// of what the header stood in front of; that may have been a fragment itself.
constexpr void make_fragment_header(MutableBytes header, std::size_t offset, std::size_t length,
                                    bool is_last) {
  using namespace ipv4_field;
  const std::uint16_t word = load_be16(header, kFragment);
  const std::size_t from = (word & kOffsetMask) + offset / 8;
  const unsigned more = is_last ? word & kMoreFragments : kMoreFragments;
  store_be16(header, kFragment, static_cast<std::uint16_t>(more | (from & kOffsetMask)));
  store_be16(header, kTotalLength, static_cast<std::uint16_t>(header.size() + length));
  store_be16(header, kChecksum, 0);
  store_be16(header, kChecksum, checksum_of(header));
}

}  // namespace lvs::wire
