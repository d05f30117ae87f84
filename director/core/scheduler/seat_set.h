#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lvs::director {

/// A set of seats that is searched 64 at a time: which servers may take a flow.
class SeatSet {
 public:
  /// Seats are 0 to size() - 1.
  std::size_t size() const { return size_; }

  /// A new last seat.
  void push_back(bool is_member) {
    if (size_ % kBits == 0) words_.push_back(0);
    ++size_;
    set(size_ - 1, is_member);
  }
  /// Takes a seat out; those behind it move up.
  void erase(std::size_t seat) {
    for (std::size_t i = seat; i + 1 < size_; ++i) set(i, contains(i + 1));
    set(size_ - 1, false);
    --size_;
    if (size_ % kBits == 0) words_.pop_back();
  }
  void set(std::size_t seat, bool is_member) {
    const std::uint64_t bit = std::uint64_t{1} << (seat % kBits);
    if (is_member) {
      words_[seat / kBits] |= bit;
    } else {
      words_[seat / kBits] &= ~bit;
    }
  }
  bool contains(std::size_t seat) const {
    return (words_[seat / kBits] >> (seat % kBits) & 1u) != 0;
  }

  /// The last member before this seat: the next one in list order, which goes downwards.
  std::optional<std::size_t> last_before(std::size_t seat) const {
    std::size_t word = seat / kBits;
    const std::size_t rest = seat % kBits;
    std::uint64_t bits = rest == 0 ? 0 : words_[word] & ((std::uint64_t{1} << rest) - 1);
    while (bits == 0) {
      if (word == 0) return std::nullopt;
      bits = words_[--word];
    }
    return word * kBits + kBits - 1 - static_cast<std::size_t>(std::countl_zero(bits));
  }

 private:
  static constexpr std::size_t kBits = 64;
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

}  // namespace lvs::director
