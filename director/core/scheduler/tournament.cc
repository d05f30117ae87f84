#include "director/core/scheduler/tournament.h"

#include <algorithm>
#include <bit>

namespace lvs::director {

void Tournament::push_back(const Share& share) {
  if (size_ == seats_) grow();
  set(size_++, share);
}

void Tournament::erase(std::size_t seat) {
  --size_;
  for (std::size_t moved = seat; moved < size_; ++moved) {
    player(moved).load = player(moved + 1).load;
    player(moved).weight = player(moved + 1).weight;
  }
  player(size_) = {.seat = static_cast<std::uint32_t>(size_)};
  play_all();
}

void Tournament::set(std::size_t seat, const Share& share) {
  Player winner{share.load, share.weight, static_cast<std::uint32_t>(seat)};
  player(seat) = winner;
  // Who wins is as good as chance: without branches the processor need not guess it.
  for (std::size_t node = seats_ + seat; node > 1; node /= 2) {
    const Player& other = nodes_[node ^ 1];
    const std::uint64_t others = other.load * winner.weight;
    const std::uint64_t own = winner.load * other.weight;
    const bool other_is_higher = node % 2 == 0;
    const bool other_wins = others < own + (other_is_higher ? 1 : 0);
    winner.load = other_wins ? other.load : winner.load;
    winner.weight = other_wins ? other.weight : winner.weight;
    winner.seat = other_wins ? other.seat : winner.seat;
    Player& above = nodes_[node / 2];
    // Neither won before nor wins now: nothing above knows of this seat.
    if (above.seat == winner.seat && winner.seat != seat) return;
    above = winner;
  }
}

void Tournament::grow() {
  const std::size_t seats = std::bit_ceil(size_ + 1);
  std::vector<Player> grown(2 * seats);
  for (std::size_t seat = 0; seat < size_; ++seat) grown[seats + seat] = player(seat);
  for (std::size_t seat = size_; seat < seats; ++seat)
    grown[seats + seat].seat = static_cast<std::uint32_t>(seat);
  nodes_.swap(grown);
  seats_ = seats;
  play_all();
}

void Tournament::play_all() {
  for (std::size_t node = seats_ - 1; node != 0; --node) {
    const Player& lower = nodes_[2 * node];
    const Player& higher = nodes_[2 * node + 1];
    const bool lower_wins = is_lighter({lower.load, lower.weight}, {higher.load, higher.weight});
    nodes_[node] = lower_wins ? lower : higher;
  }
}

}  // namespace lvs::director
