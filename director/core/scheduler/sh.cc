#include "director/core/scheduler/sh.h"

#include "director/core/scheduler/address_hash.h"
#include "director/core/scheduler/table.h"

namespace lvs::director {

SourceHashing::SourceHashing(const SchedulerSetup& setup) : flags_(setup.flags) {}

std::optional<std::size_t> SourceHashing::pick(const ServerList& servers,
                                               const NewFlow& flow) const {
  const std::uint32_t port = flags_.hashes_port() ? hashed_port(flow) : 0;
  const std::uint8_t hash = hash8(folded(flow.client) + port);
  const std::optional<std::size_t> seat = buckets_[hash];
  if (!seat) return std::nullopt;
  if (servers[*seat].takes_new_flows()) return seat;
  return flags_.falls_back() ? pick_other(servers, hash) : std::nullopt;
}

/// IPVS begins at the hash's own bucket and hashes again with the bucket's number as an offset,
/// which comes to twice the hash plus the number of tries.
std::optional<std::size_t> SourceHashing::pick_other(const ServerList& servers,
                                                     std::uint32_t hash) const {
  for (std::uint32_t tries = 0; tries < SeatBuckets::kCount; ++tries) {
    const std::optional<std::size_t> seat = buckets_[(2 * hash + tries) % SeatBuckets::kCount];
    if (seat && servers[*seat].takes_new_flows()) return seat;
  }
  return std::nullopt;
}

void SourceHashing::fill(const ServerList& servers) {
  buckets_.fill(servers, [](const ServerRecord& server) { return std::size_t{server.weight}; });
}

}  // namespace lvs::director
