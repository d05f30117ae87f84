#include "director/core/scheduler/mh.h"

#include "director/core/scheduler/address_hash.h"
#include "director/core/scheduler/table.h"

namespace lvs::director {

MaglevHashing::MaglevHashing(const SchedulerSetup& setup) : flags_(setup.flags) {}

std::optional<std::size_t> MaglevHashing::pick(const ServerList& servers,
                                               const NewFlow& flow) const {
  const std::uint32_t port = flags_.hashes_port() ? hashed_port(flow) : 0;
  const std::uint32_t value = folded(flow.client) + port;
  const std::size_t slot = MaglevTable::slot_of(value);
  const std::optional<std::size_t> seat = table_[slot];
  if (!seat) return std::nullopt;
  if (servers[*seat].takes_new_flows()) return seat;
  return flags_.falls_back() ? pick_other(servers, value, slot) : std::nullopt;
}

/// The numbers of the slots, from the hash's own on, are what is added to the value to hash again.
std::optional<std::size_t> MaglevHashing::pick_other(const ServerList& servers, std::uint32_t value,
                                                     std::size_t slot) const {
  for (std::size_t tries = 0; tries < MaglevTable::kSlots; ++tries) {
    const auto offset = static_cast<std::uint32_t>((slot + tries) % MaglevTable::kSlots);
    const std::optional<std::size_t> seat = table_[MaglevTable::slot_of(value + offset)];
    if (seat && servers[*seat].takes_new_flows()) return seat;
  }
  return std::nullopt;
}

}  // namespace lvs::director
