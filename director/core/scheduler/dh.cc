#include "director/core/scheduler/dh.h"

#include "director/core/scheduler/address_hash.h"

namespace lvs::director {

std::optional<std::size_t> DestinationHashing::pick(const ServerList& servers,
                                                    const NewFlow& flow) const {
  const std::optional<std::size_t> seat = buckets_[hash8(folded(flow.destination))];
  if (!seat || !servers[*seat].takes_new_flows()) return std::nullopt;
  return seat;
}

void DestinationHashing::fill(const ServerList& servers) {
  buckets_.fill(servers, [](const ServerRecord&) { return std::size_t{1}; });
}

}  // namespace lvs::director
