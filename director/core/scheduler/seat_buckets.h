#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "director/core/scheduler/server_list.h"

namespace lvs::director {

/// The 256 buckets of dh and sh, each with a seat or, while there are no servers, without.
class SeatBuckets {
 public:
  static constexpr std::size_t kCount = 256;

  std::optional<std::size_t> operator[](std::size_t bucket) const {
    if (seats_.empty()) return std::nullopt;
    return seats_[bucket];
  }
  /// The servers in list order over and over, each in so many buckets as `share_of(server)` says
  /// and at least one.
  template <typename ShareOf>
  void fill(const ServerList& servers, ShareOf share_of) {
    seats_.clear();
    if (servers.empty()) return;
    seats_.reserve(kCount);
    std::size_t seat = servers.size();
    while (seats_.size() < kCount) {
      seat = (seat == 0 ? servers.size() : seat) - 1;
      const std::size_t share = std::clamp(share_of(servers[seat]), std::size_t{1}, kCount);
      seats_.insert(seats_.end(), std::min(share, kCount - seats_.size()),
                    static_cast<std::uint32_t>(seat));
    }
  }

 private:
  std::vector<std::uint32_t> seats_;
};

}  // namespace lvs::director
