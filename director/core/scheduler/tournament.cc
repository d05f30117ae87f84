#include "director/core/scheduler/tournament.h"

#include <algorithm>
#include <bit>

namespace lvs::director {

void Tournament::push_back(const Share& share) {
  if (size_ < shares_.size()) {
    set(size_++, share);
    return;
  }
  shares_.resize(std::bit_ceil(++size_));
  shares_[size_ - 1] = share;
  play_all();
}

void Tournament::erase(std::size_t seat) {
  const auto gone = shares_.begin() + static_cast<std::ptrdiff_t>(seat);
  std::move(gone + 1, shares_.end(), gone);
  shares_.back() = {};
  --size_;
  play_all();
}

void Tournament::set(std::size_t seat, const Share& share) {
  if (shares_[seat] == share) return;
  shares_[seat] = share;
  for (std::size_t node = (shares_.size() + seat) / 2; node != 0; node /= 2) {
    const std::uint32_t winner = play(node);
    // Neither won before nor wins now: nothing above knows of this seat.
    if (winner == winners_[node] && winner != seat) return;
    winners_[node] = winner;
  }
}

void Tournament::play_all() {
  const std::size_t seats = shares_.size();
  winners_.resize(2 * seats);
  for (std::size_t seat = 0; seat < seats; ++seat)
    winners_[seats + seat] = static_cast<std::uint32_t>(seat);
  for (std::size_t node = seats - 1; node != 0; --node) winners_[node] = play(node);
}

}  // namespace lvs::director
