#pragma once

#include <cstddef>
#include <span>

#include "director/core/records.h"

namespace lvs::director {

/// The servers of one service as a scheduler sees them, each at its seat. A new server takes the
/// last seat; when one leaves, those behind it move up. IPVS's list is the other way round: its
/// head is the server that was added last. So list order is from the last seat down to seat 0, and
/// the first in list order, who wins ties, has the higher seat.
class ServerList {
 public:
  /// `seats` names records by their id; `records[0]` belongs to id 1.
  ServerList(std::span<const ServerId> seats, std::span<const ServerRecord> records)
      : seats_(seats), records_(records) {}

  std::size_t size() const { return seats_.size(); }
  bool empty() const { return seats_.empty(); }
  const ServerRecord& operator[](std::size_t seat) const {
    return records_[seats_[seat].number - 1];
  }
  /// Never given to another server while anything remembers it.
  ServerId id(std::size_t seat) const { return seats_[seat]; }
  /// The list as it was when only this many had come.
  ServerList first(std::size_t count) const { return {seats_.first(count), records_}; }
  /// The record that an id names now, of whichever service; nullptr: no such id.
  const ServerRecord* record(ServerId id) const {
    return id.number == 0 || id.number > records_.size() ? nullptr : &records_[id.number - 1];
  }

 private:
  std::span<const ServerId> seats_;
  std::span<const ServerRecord> records_;
};

}  // namespace lvs::director
