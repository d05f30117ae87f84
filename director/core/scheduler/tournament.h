#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "director/core/scheduler/share.h"

namespace lvs::director {

/// Who of many seats has the lightest share, kept as a knock-out tournament: each inner node holds
/// the winner of the two below it. A share that changes is replayed up to the root, so the cost is
/// the logarithm of the number of seats; the winner is there at any time. Of equals the higher seat
/// wins, which is the first in list order.
class Tournament {
 public:
  std::size_t size() const { return size_; }

  /// None: nobody may carry anything.
  std::optional<std::size_t> winner() const {
    if (size_ == 0 || !shares_[winners_[1]].may_carry()) return std::nullopt;
    return winners_[1];
  }
  const Share& share(std::size_t seat) const { return shares_[seat]; }

  /// A new last seat.
  void push_back(const Share& share);
  /// Takes a seat out; those behind it move up. The only call whose cost is linear.
  void erase(std::size_t seat);
  void set(std::size_t seat, const Share& share);

 private:
  void play_all();
  /// The match at an inner node.
  std::uint32_t play(std::size_t node) const {
    const std::uint32_t lower = winners_[2 * node];
    const std::uint32_t higher = winners_[2 * node + 1];
    return is_lighter(shares_[lower], shares_[higher]) ? lower : higher;
  }

  std::size_t size_ = 0;
  std::vector<Share> shares_;  // of a power of two of seats; those nobody has carry nothing
  std::vector<std::uint32_t> winners_;  // 1 is the root, 2n and 2n + 1 lie below n, then the seats
};

}  // namespace lvs::director
