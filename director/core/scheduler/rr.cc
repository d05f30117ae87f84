#include "director/core/scheduler/rr.h"

namespace lvs::director {

std::optional<std::size_t> RoundRobin::pick(const ServerList& servers,
                                            const FlowKey<Ipv4Addr>& /*flow*/) {
  for (std::size_t tried = 0; tried < servers.size(); ++tried) {
    const std::size_t candidate = (next_ + tried) % servers.size();
    if (!servers[candidate].takes_new_flows()) continue;
    next_ = candidate + 1;
    return candidate;
  }
  return std::nullopt;  // the pointer stays where it was
}

void RoundRobin::on_added_at_head() {
  if (next_ > 0) ++next_;
}

void RoundRobin::on_removed(std::size_t position) {
  if (position < next_) --next_;
}

}  // namespace lvs::director
