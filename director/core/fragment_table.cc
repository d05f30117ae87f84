#include "director/core/fragment_table.h"

#include <bit>
#include <cassert>

namespace lvs::director {

template <typename Addr>
FragmentTable<Addr>::FragmentTable(const HashKey& key, std::size_t sets) : key_(key), sets_(sets) {
  assert(std::has_single_bit(sets));
}

template <typename Addr>
std::size_t FragmentTable<Addr>::set_of(const FragmentKey<Addr>& key) const {
  const FlowKey<Addr> as_flow{key.source, key.destination,
                              Port{static_cast<std::uint16_t>(key.id >> 16)},
                              Port{static_cast<std::uint16_t>(key.id)}, key.protocol};
  return hash_of(key_, as_flow) & (sets_.size() - 1);
}

template <typename Addr>
const FragmentFate<Addr>* FragmentTable<Addr>::find(const FragmentKey<Addr>& key, Tick now) const {
  for (const Entry& entry : sets_[set_of(key)])
    if (entry.is_alive(now) && entry.key == key) return &entry.fate;
  return nullptr;
}

template <typename Addr>
void FragmentTable<Addr>::remember(const FragmentKey<Addr>& key, const FragmentFate<Addr>& fate,
                                   Tick now) {
  Set& set = sets_[set_of(key)];
  Entry* room = nullptr;
  for (Entry& entry : set) {
    if (entry.in_use && entry.key == key) {
      room = &entry;
      break;
    }
    // A dead one is better than any living one, and of these the oldest.
    if (room == nullptr ||
        (room->is_alive(now) && (!entry.is_alive(now) || entry.until < room->until)))
      room = &entry;
  }
  *room = {key, fate, now + kLifetime, true};
}

template class FragmentTable<Ipv4Addr>;
template class FragmentTable<Ipv6Addr>;

}  // namespace lvs::director
