#include "director/core/scheduler/weight_tree.h"

#include <algorithm>
#include <bit>

namespace lvs::director {

void WeightTree::push_back(std::uint32_t weight) {
  if (size_ == seats_) {
    const std::size_t seats = std::bit_ceil(size_ + 1);
    std::vector<std::uint32_t> grown(2 * seats);
    for (std::size_t seat = 0; seat < size_; ++seat) grown[seats + seat] = greatest_[seats_ + seat];
    greatest_.swap(grown);
    seats_ = seats;
    add_up();
  }
  set(size_++, weight);
}

void WeightTree::erase(std::size_t seat) {
  const auto gone = greatest_.begin() + static_cast<std::ptrdiff_t>(seats_ + seat);
  std::move(gone + 1, greatest_.end(), gone);
  greatest_.back() = 0;
  --size_;
  add_up();
}

void WeightTree::set(std::size_t seat, std::uint32_t weight) {
  std::size_t node = seats_ + seat;
  if (greatest_[node] == weight) return;
  greatest_[node] = weight;
  for (node /= 2; node != 0; node /= 2)
    greatest_[node] = std::max(greatest_[2 * node], greatest_[2 * node + 1]);
}

std::optional<std::size_t> WeightTree::last_before(std::size_t seat, std::uint32_t least) const {
  if (size_ == 0 || greatest_[1] < least) return std::nullopt;
  if (seat >= seats_) return last_below(1, least);
  // Up; whenever the way came from the right, what lies left of it is before the seat.
  for (std::size_t node = seats_ + seat; node > 1; node /= 2)
    if (node % 2 == 1 && greatest_[node - 1] >= least) return last_below(node - 1, least);
  return std::nullopt;
}

std::size_t WeightTree::last_below(std::size_t node, std::uint32_t least) const {
  while (node < seats_) node = greatest_[2 * node + 1] >= least ? 2 * node + 1 : 2 * node;
  return node - seats_;
}

void WeightTree::add_up() {
  for (std::size_t node = seats_ - 1; node != 0; --node)
    greatest_[node] = std::max(greatest_[2 * node], greatest_[2 * node + 1]);
}

}  // namespace lvs::director
