#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "director/core/scheduler/server_list.h"

namespace lvs::director {

/// The lookup table of mh: which seat each slot belongs to (facts of IPVS, 1.5; after Eisenbud et
/// al., "Maglev", NSDI 2016, section 3.4). Each server has a permutation of the slots, from the
/// hash of its address and port; in list order each claims as many of its next free slots as its
/// weight says, round after round until all are claimed. So a change of one server moves few slots
/// of others.
class MaglevTable {
 public:
  static constexpr std::size_t kSlots = 4093;  ///< a prime: IPVS's default size

  /// The slot of this value: a folded address and what is added to it.
  static std::size_t slot_of(std::uint32_t value);
  /// None: no server has ever had a weight.
  std::optional<std::size_t> operator[](std::size_t slot) const {
    if (seats_.empty()) return std::nullopt;
    return seats_[slot];
  }

  /// By each server's last weight that was not zero. Servers beyond the number of slots, the
  /// newest, get none: IPVS leaves its table as it was.
  void fill(const ServerList& all);

 private:
  std::vector<std::uint16_t> seats_;
};

}  // namespace lvs::director
