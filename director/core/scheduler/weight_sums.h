#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lvs::director {

/// Weights of seats whose sums from the first seat on are found quickly (Fenwick, "A new data
/// structure for cumulative frequency tables", 1994).
class WeightSums {
 public:
  std::uint64_t total() const { return total_; }

  /// A new last seat.
  void push_back(std::uint32_t weight);
  /// Takes a seat out; those behind it move up. The only call whose cost is linear.
  void erase(std::size_t seat);
  void set(std::size_t seat, std::uint32_t weight);

  /// The seat at which the weights, taken off `amount` from the last seat down, bring it to zero.
  /// `amount` is 1 to total().
  std::size_t seat_where_used_up(std::uint64_t amount) const;

 private:
  void add_up();

  std::uint64_t total_ = 0;
  std::vector<std::uint32_t> weights_;
  // [n - 1]: of so many seats before n as n's lowest bit says. For a power of two of seats; those
  // nobody has weigh nothing.
  std::vector<std::uint64_t> sums_;
};

}  // namespace lvs::director
