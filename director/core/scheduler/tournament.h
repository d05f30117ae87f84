#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "director/core/scheduler/share.h"

namespace lvs::director {

/// Who of many seats has the lightest share, kept as a knock-out tournament: each inner node holds
/// the winner of the two below it, with its share, so that a match reads two neighbours. A share
/// that changes is replayed up to the root, so the cost is the logarithm of the number of seats;
/// the winner is there at any time. Of equals the higher seat wins, which is the first in list
/// order.
class Tournament {
 public:
  /// None: nobody may carry anything.
  std::optional<std::size_t> winner() const {
    if (size_ == 0 || nodes_[1].weight == 0) return std::nullopt;
    return nodes_[1].seat;
  }

  /// A new last seat.
  void push_back(const Share& share);
  /// Takes a seat out; those behind it move up. The only call whose cost is linear.
  void erase(std::size_t seat);
  void set(std::size_t seat, const Share& share);

 private:
  struct Player {
    std::uint64_t load = 1;
    std::uint32_t weight = 0;
    std::uint32_t seat = 0;
  };
  Player& player(std::size_t seat) { return nodes_[seats_ + seat]; }
  void grow();
  void play_all();

  std::size_t size_ = 0;
  std::size_t seats_ = 0;      // a power of two; those nobody has carry nothing
  std::vector<Player> nodes_;  // 1 is the root, 2n and 2n + 1 lie below n, then the seats
};

}  // namespace lvs::director
