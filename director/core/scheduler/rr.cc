#include "director/core/scheduler/rr.h"

namespace lvs::director {

std::optional<std::size_t> RoundRobin::pick(const ServerList& servers, const NewFlow& /*flow*/) {
  std::optional<std::size_t> next;
  if (last_) next = eligible_.last_before(*last_);
  if (!next) next = eligible_.last_before(servers.size());
  if (next) last_ = next;  // else the pointer stays where it was
  return next;
}

void RoundRobin::on_added(const ServerList& servers) {
  eligible_.push_back(servers[servers.size() - 1].takes_new_flows());
}

void RoundRobin::on_removed(const ServerList& servers, std::size_t seat) {
  eligible_.erase(seat);
  if (!last_ || *last_ < seat) return;
  if (*last_ > seat) {
    --*last_;
    return;
  }
  // The pointer goes to the one before it in the list, which sits where it sat now, so that the
  // successor is next; the list's first has none before it.
  if (seat >= servers.size()) last_.reset();
}

void RoundRobin::on_load(const ServerList& servers, std::size_t seat) {
  eligible_.set(seat, servers[seat].takes_new_flows());
}

}  // namespace lvs::director
