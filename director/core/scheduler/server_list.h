#pragma once

#include <cstddef>
#include <span>

#include "director/core/records.h"

namespace lvs::director {

/// The servers of one service as a scheduler sees them: in IPVS's list order, the newest first.
class ServerList {
 public:
  /// `order` names records by their id; `records[0]` belongs to id 1.
  ServerList(std::span<const ServerId> order, std::span<const ServerRecord<Ipv4Addr>> records)
      : order_(order), records_(records) {}

  std::size_t size() const { return order_.size(); }
  const ServerRecord<Ipv4Addr>& operator[](std::size_t position) const {
    return records_[order_[position].number - 1];
  }

 private:
  std::span<const ServerId> order_;
  std::span<const ServerRecord<Ipv4Addr>> records_;
};

}  // namespace lvs::director
