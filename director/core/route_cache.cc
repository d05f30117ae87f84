#include "director/core/route_cache.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace lvs::director {
namespace {

constexpr Ticks kAskAgainAfter = seconds_to_ticks(1);

}  // namespace

RouteCache::RouteCache(const HashKey& key, std::size_t sets) : key_(key), sets_(sets) {
  assert(std::has_single_bit(sets));
  wanted_.reserve(kWanted);
}

RouteCache::Set& RouteCache::set_of(const MappedAddr& client) {
  return sets_[hash_of(key_, client) & (sets_.size() - 1)];
}

RouteCache::Entry& RouteCache::room_for(Set& set, const MappedAddr& client) {
  Entry* oldest = set.data();
  for (Entry& entry : set) {
    if (entry.state == State::Free || entry.client == client) return entry;
    if (entry.used_at < oldest->used_at) oldest = &entry;
  }
  return *oldest;
}

WayBack RouteCache::find(const IpAddr& client, Tick now) {
  const MappedAddr mapped{client};
  Set& set = set_of(mapped);
  const auto found = std::ranges::find_if(set, [&](const Entry& entry) {
    return entry.state != State::Free && entry.client == mapped;
  });
  if (found == set.end()) {
    note(room_for(set, mapped), mapped, now);
    return {};
  }
  if (found->state == State::Known) {
    found->used_at = now;
    return {true, found->hop};
  }
  if (now >= found->used_at + kAskAgainAfter) note(*found, mapped, now);
  return {};
}

void RouteCache::note(Entry& entry, const MappedAddr& client, Tick now) {
  if (wanted_.size() == kWanted) return;  // the next packet tries again
  entry = {client, now, {}, State::Asked};
  wanted_.push_back(client);
}

void RouteCache::set(const IpAddr& client, std::optional<NextHopId> hop, Tick now) {
  const MappedAddr mapped{client};
  // The entries of a set are filled from its front and freed together, so the first free one comes
  // behind the client's own.
  room_for(set_of(mapped), mapped) = {mapped, now, hop.value_or(NextHopId{}), State::Known};
}

void RouteCache::forget() {
  std::ranges::fill(sets_, Set{});
  wanted_.clear();
}

std::vector<IpAddr> RouteCache::take_wanted() {
  std::vector<IpAddr> taken;
  taken.reserve(wanted_.size());
  for (const MappedAddr& client : wanted_) taken.push_back(client.address());
  wanted_.clear();
  return taken;
}

}  // namespace lvs::director
