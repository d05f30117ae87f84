#pragma once

#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/checksum.h"

// Freestanding.

namespace lvs::wire {

/// What changes to words that a checksum covers do to it: collected first, so that it is folded
/// once, and may go into several fields (RFC 1624, equation 3).
class ChecksumChange {
 public:
  constexpr void word(std::uint16_t before, std::uint16_t after) {
    sum_ += std::uint64_t{static_cast<std::uint16_t>(~before)} + after;
  }
  constexpr void address(Ipv4Addr before, Ipv4Addr after) { words(2, before, after); }
  constexpr void address(const Ipv6Addr& before, const Ipv6Addr& after) { words(8, before, after); }

  /// The field of a finished checksum: the complement of a sum.
  constexpr std::uint16_t in_checksum(std::uint16_t checksum) const {
    return static_cast<std::uint16_t>(~in_sum(static_cast<std::uint16_t>(~checksum)));
  }
  /// A field that holds a sum as it is, as an unfinished checksum does.
  constexpr std::uint16_t in_sum(std::uint16_t sum) const { return fold(sum_ + sum); }

 private:
  /// The complements of n words add up to n * 0xffff less the words.
  template <typename Addr>
  constexpr void words(std::uint64_t count, const Addr& before, const Addr& after) {
    sum_ += count * 0xffff - address_words(before) + address_words(after);
  }

  std::uint64_t sum_ = 0;
};

}  // namespace lvs::wire
