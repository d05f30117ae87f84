#include "director/core/scheduler/weight_sums.h"

#include <algorithm>
#include <bit>

namespace lvs::director {
namespace {

constexpr std::size_t lowest_bit(std::size_t number) { return number & (~number + 1); }

}  // namespace

void WeightSums::push_back(std::uint32_t weight) {
  weights_.push_back(0);
  if (weights_.size() > sums_.size()) {
    sums_.resize(std::bit_ceil(weights_.size()));
    add_up();
  }
  set(weights_.size() - 1, weight);
}

void WeightSums::erase(std::size_t seat) {
  total_ -= weights_[seat];
  weights_.erase(weights_.begin() + static_cast<std::ptrdiff_t>(seat));
  add_up();
}

void WeightSums::set(std::size_t seat, std::uint32_t weight) {
  if (weights_[seat] == weight) return;
  const std::uint64_t change = std::uint64_t{weight} - weights_[seat];  // modulo 2^64
  weights_[seat] = weight;
  total_ += change;
  for (std::size_t n = seat + 1; n <= sums_.size(); n += lowest_bit(n)) sums_[n - 1] += change;
}

std::size_t WeightSums::seat_where_used_up(std::uint64_t amount) const {
  // The last seat before which not more lies than what would be left over. Which way to go is
  // chance: without branches the processor need not guess it.
  std::uint64_t left = total_ - amount;
  std::size_t seats = 0;
  for (std::size_t step = sums_.size(); step != 0; step /= 2) {
    const std::uint64_t sum = sums_[seats + step - 1];
    const bool goes_on = sum <= left;
    left -= goes_on ? sum : 0;
    seats += goes_on ? step : 0;
  }
  return seats;
}

void WeightSums::add_up() {
  std::ranges::fill(sums_, 0);
  std::ranges::copy(weights_, sums_.begin());
  for (std::size_t n = 1; n <= sums_.size(); ++n)
    if (n + lowest_bit(n) <= sums_.size()) sums_[n + lowest_bit(n) - 1] += sums_[n - 1];
}

}  // namespace lvs::director
