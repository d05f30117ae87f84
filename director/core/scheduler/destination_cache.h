#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "director/core/hash.h"
#include "director/core/records.h"
#include "director/core/scheduler/sweep_clock.h"
#include "net/base/time.h"

namespace lvs::director {

/// What lblc and lblcr remember by destination address (facts of IPVS, 1.6): bounded, and swept
/// each minute. Of IPVS it differs in what nobody sees: the hash is keyed and there are more
/// buckets, so that a client cannot make one bucket long. Its memory is reserved when it is made.
template <typename Value>
class DestinationCache {
 public:
  /// Sweeps begin to make room above this.
  static constexpr std::size_t kComfortable = 16384;
  /// More are not remembered.
  static constexpr std::size_t kCapacity = kComfortable + kComfortable / 2;

  DestinationCache(std::uint64_t seed, Ticks expiration)
      : key_{seed, ~seed}, expiration_(expiration), buckets_(kBuckets) {
    entries_.reserve(kCapacity);
  }

  std::size_t size() const { return size_; }

  /// The value, which counts as used now. nullptr: nothing is remembered.
  Value* use(const MappedAddr& destination, Tick now) {
    const std::uint32_t position = find(destination);
    if (position == 0) return nullptr;
    at(position).used_at = now;
    return &at(position).value;
  }
  /// Remembers a destination that is not there. False, and nothing is changed: it is full.
  bool insert(const MappedAddr& destination, const Value& value, Tick now) {
    if (size_ == kCapacity) return false;
    const std::uint32_t position = take_free();
    std::uint32_t& bucket = buckets_[bucket_of(destination)];
    at(position) = {destination, now, std::exchange(bucket, position), value};
    ++size_;
    return true;
  }

  /// Sweeps when it is time to. `forget(value)` is called for each that goes.
  template <typename Forget>
  void on_time(Tick now, Forget forget) {
    clock_.run_until(now, [&](Tick at, bool is_full) {
      if (is_full) {
        sweep_all(at, forget);
      } else {
        make_room(at, forget);
      }
    });
  }

 private:
  struct Entry {
    MappedAddr destination{};
    Tick used_at{};
    std::uint32_t next = 0;  // in its bucket, or of the free ones; positions start at 1
    Value value{};
  };
  static constexpr std::size_t kBuckets = 16384;
  static constexpr Ticks kIdle = seconds_to_ticks(360);

  Entry& at(std::uint32_t position) { return entries_[position - 1]; }
  std::size_t bucket_of(const MappedAddr& destination) const {
    return hash_of(key_, destination) % kBuckets;
  }
  std::uint32_t find(const MappedAddr& destination) {
    std::uint32_t position = buckets_[bucket_of(destination)];
    while (position != 0 && at(position).destination != destination) position = at(position).next;
    return position;
  }
  std::uint32_t take_free() {
    if (free_ != 0) return std::exchange(free_, at(free_).next);
    entries_.emplace_back();
    return static_cast<std::uint32_t>(entries_.size());
  }

  /// Every entry that was not used for the expiration.
  template <typename Forget>
  void sweep_all(Tick now, Forget& forget) {
    for (std::uint32_t& bucket : buckets_) sweep(bucket, now, expiration_, forget);
  }
  /// Idle entries from where the last sweep ended on, until about as many are gone as there are too
  /// many.
  template <typename Forget>
  void make_room(Tick now, Forget& forget) {
    if (size_ <= kComfortable) return;
    const std::size_t goal = std::min((size_ - kComfortable) * 4 / 3, kComfortable / 2);
    std::size_t gone = 0;
    for (std::size_t i = 0; i < kBuckets && gone < goal; ++i) {
      swept_ = (swept_ + 1) % kBuckets;
      gone += sweep(buckets_[swept_], now, kIdle, forget);
    }
  }
  template <typename Forget>
  std::size_t sweep(std::uint32_t& bucket, Tick now, Ticks idle, Forget& forget) {
    std::size_t gone = 0;
    for (std::uint32_t* link = &bucket; *link != 0;) {
      const std::uint32_t position = *link;
      Entry& entry = at(position);
      if (now < entry.used_at + idle) {
        link = &entry.next;
        continue;
      }
      forget(entry.value);
      *link = std::exchange(entry.next, free_);
      free_ = position;
      ++gone;
    }
    size_ -= gone;
    return gone;
  }

  HashKey key_;
  Ticks expiration_;
  SweepClock clock_;
  std::vector<std::uint32_t> buckets_;
  std::vector<Entry> entries_;
  std::uint32_t free_ = 0;
  std::size_t size_ = 0;
  std::size_t swept_ = 0;
};

}  // namespace lvs::director
