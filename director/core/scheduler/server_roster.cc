#include "director/core/scheduler/server_roster.h"

#include <algorithm>

namespace lvs::director {

void ServerRoster::on_added(const ServerList& servers) {
  const std::size_t seat = servers.size() - 1;
  const Number number = find_or_enter(servers[seat]);
  known_[number].id = servers.id(seat);
  known_[number].seat = seat;
  by_seat_.push_back(number);
  on_edited(servers, seat);
}

void ServerRoster::on_removed(std::size_t seat) {
  known_[by_seat_[seat]].seat.reset();
  by_seat_.erase(by_seat_.begin() + static_cast<std::ptrdiff_t>(seat));
  for (std::size_t moved = seat; moved < by_seat_.size(); ++moved)
    known_[by_seat_[moved]].seat = moved;
}

void ServerRoster::on_edited(const ServerList& servers, std::size_t seat) {
  known_[by_seat_[seat]].weight = servers[seat].weight;
}

Share ServerRoster::share_of(const ServerList& servers, Number number) const {
  const Known& known = known_[number];
  const ServerRecord* const record = servers.record(known.id);
  // The record of one that left long ago may be another's by now.
  const bool is_its_own =
      record != nullptr && record->address == known.address && record->port == known.port;
  return {is_its_own ? overhead_of(*record) : 0, known.weight};
}

ServerRoster::Number ServerRoster::find_or_enter(const ServerRecord& server) {
  const auto same = std::ranges::find_if(known_, [&](const Known& known) {
    return known.address == server.address && known.port == server.port &&
           (known.seat || known.holders != 0);
  });
  if (same != known_.end()) return static_cast<Number>(same - known_.begin());
  auto free = std::ranges::find_if(
      known_, [](const Known& known) { return !known.seat && known.holders == 0; });
  if (free == known_.end()) free = known_.insert(free, Known{});
  free->address = server.address;
  free->port = server.port;
  return static_cast<Number>(free - known_.begin());
}

}  // namespace lvs::director
