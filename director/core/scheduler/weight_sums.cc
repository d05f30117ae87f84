#include "director/core/scheduler/weight_sums.h"

#include <bit>
#include <utility>

namespace lvs::director {
namespace {

constexpr std::size_t lowest_bit(std::size_t number) { return number & (~number + 1); }

}  // namespace

void WeightSums::push_back(std::uint32_t weight) {
  weights_.push_back(weight);
  total_ += weight;
  const std::size_t count = weights_.size();
  std::uint64_t sum = weight;
  for (std::size_t before = 1; before < lowest_bit(count); before *= 2)
    sum += sums_[count - before - 1];
  sums_.push_back(sum);
}

void WeightSums::erase(std::size_t seat) {
  std::vector<std::uint32_t> left = std::exchange(weights_, {});
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(seat));
  sums_.clear();
  total_ = 0;
  for (const std::uint32_t weight : left) push_back(weight);
}

void WeightSums::set(std::size_t seat, std::uint32_t weight) {
  if (weights_[seat] == weight) return;
  const std::uint64_t change = std::uint64_t{weight} - weights_[seat];  // modulo 2^64
  weights_[seat] = weight;
  total_ += change;
  for (std::size_t n = seat + 1; n <= sums_.size(); n += lowest_bit(n)) sums_[n - 1] += change;
}

std::size_t WeightSums::seat_where_used_up(std::uint64_t amount) const {
  // The last seat before which not more lies than what would be left over.
  std::uint64_t left = total_ - amount;
  std::size_t seats = 0;
  for (std::size_t step = std::bit_floor(sums_.size()); step != 0; step /= 2) {
    if (seats + step > sums_.size() || sums_[seats + step - 1] > left) continue;
    seats += step;
    left -= sums_[seats - 1];
  }
  return seats < sums_.size() ? seats : sums_.size() - 1;
}

}  // namespace lvs::director
