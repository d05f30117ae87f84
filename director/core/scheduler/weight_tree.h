#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lvs::director {

/// The weights of seats, each inner node with the greatest of the two below it: finds the next seat
/// in list order that has at least some weight.
class WeightTree {
 public:
  std::size_t size() const { return size_; }
  std::uint32_t greatest() const { return size_ == 0 ? 0 : greatest_[1]; }

  /// A new last seat.
  void push_back(std::uint32_t weight);
  /// Takes a seat out; those behind it move up. The only call whose cost is linear.
  void erase(std::size_t seat);
  void set(std::size_t seat, std::uint32_t weight);

  /// The last seat before this one with at least this weight, which is not 0.
  std::optional<std::size_t> last_before(std::size_t seat, std::uint32_t least) const;

 private:
  std::size_t last_below(std::size_t node, std::uint32_t least) const;
  void add_up();

  std::size_t size_ = 0;
  std::size_t seats_ = 0;                // a power of two; those nobody has weigh nothing
  std::vector<std::uint32_t> greatest_;  // 1 is the root, 2n and 2n + 1 lie below n, then the seats
};

}  // namespace lvs::director
