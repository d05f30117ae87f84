#include "director/core/scheduler/server_sets.h"

namespace lvs::director {

bool ServerSets::add(ServerSet& set, ServerRoster::Number number, Tick now) {
  std::uint32_t position = free_;
  if (position != 0) {
    free_ = at(position).next;
  } else {
    if (members_.size() == kCapacity) return false;
    members_.emplace_back();
    position = static_cast<std::uint32_t>(members_.size());
  }
  at(position) = {number, std::exchange(set.first, position)};
  ++set.size;
  set.changed_at = now;
  return true;
}

void ServerSets::remove(ServerSet& set, ServerRoster::Number number, Tick now) {
  for (std::uint32_t* link = &set.first; *link != 0; link = &at(*link).next) {
    const std::uint32_t position = *link;
    if (at(position).number != number) continue;
    *link = std::exchange(at(position).next, free_);
    free_ = position;
    --set.size;
    set.changed_at = now;
    return;
  }
}

bool ServerSets::has(const ServerSet& set, ServerRoster::Number number) const {
  std::uint32_t position = set.first;
  while (position != 0 && at(position).number != number) position = at(position).next;
  return position != 0;
}

}  // namespace lvs::director
