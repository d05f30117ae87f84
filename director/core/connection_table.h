#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "director/core/hash.h"
#include "director/core/records.h"
#include "net/base/time.h"

namespace lvs::director {

enum class Direction : std::uint8_t { ToServer, ToClient };

/// The conversations that already have a server.
///
/// The table lives in memory that is given from outside (anonymous, a memfd, a BPF map) and has no
/// pointers in it; all zero bytes are an empty table, so nothing is constructed and a successor
/// finds everything in place. It is a header, the wheel's slots, two arrays of buckets and the
/// records. Each record hangs in the hash chain of the client's packets' key, with method Masq also
/// in that of the server's, and in one slot of the timer wheel.
///
/// Bounded: a full table refuses new flows rather than growing or evicting, so a flood costs
/// connections and never memory.
///
/// The timer wheel is lazy. A packet of an existing flow only stores a new expiry; when the wheel
/// comes to the slot where the record hangs and its expiry lies further on, it is hung up again.
/// So a slot says "look here", not "this has ended", and only an expiry that gets earlier than the
/// look (`armed_slot`) moves a record at once. The wheel is 82 s long: a longer timeout is looked at
/// once a turn. Ticks before the wheel's `position` are done with.
template <typename Addr>
class ConnectionTable {
 public:
  using Record = Connection<Addr>;
  using Key = FlowKey<Addr>;

  struct Hit {
    Record* connection = nullptr;  ///< valid until it is erased
    Direction direction = Direction::ToServer;
  };

  /// Bytes for this many connections. Alignment: that of std::max_align_t.
  static constexpr std::size_t bytes_for(std::uint32_t capacity) {
    return sizeof(Header) + sizeof(std::uint32_t) * kSlots +
           (sizeof(Record) + kBucketShare) * capacity;
  }

  /// `memory` holds zeros, or a table made with the same capacity and key; it outlives this object.
  ConnectionTable(std::span<std::byte> memory, std::uint32_t capacity, const HashKey& key);

  /// Finds a flow by either of its keys. An expired connection counts as absent.
  std::optional<Hit> find(const Key& flow, Tick now) const;
  /// The same by one key alone; nullptr when there is none.
  Record* find_from_client(const Key& flow, Tick now) const;
  Record* find_from_server(const Key& flow, Tick now) const;

  /// A connection that has expired but not been erased yet and holds one of these keys, in the way
  /// of a new one; nullptr when there is none.
  Record* expired_holder(const Record& connection, Tick now) const;

  /// The new record, with links and timer set; nullptr, and the table unchanged, when it is full or
  /// one of the keys is taken.
  Record* insert(const Record& connection, Tick now);
  void erase(Record& connection);
  /// Stores a new expiry.
  void rearm(Record& connection, Tick expires_at);

  /// The next connection whose time is over; nullptr when there is none at `now`, or when `limit`
  /// records were looked at (then `limit` is 0). The caller erases it before the next call.
  Record* next_expired(Tick now, std::size_t& limit);

  std::uint32_t size() const { return header_->size; }
  std::uint32_t capacity() const { return capacity_; }
  bool is_full() const { return size() == capacity_; }
  /// Positions 1 to last_position() have held a connection at some time; at() is nullptr for one
  /// that is free now.
  std::uint32_t last_position() const { return header_->fresh; }
  Record* at(std::uint32_t position) const;

 private:
  static constexpr std::uint32_t kSlots = 8192;

  struct Header {
    std::uint32_t size = 0;
    std::uint32_t fresh = 0;  ///< records 1 to `fresh` have been used
    std::uint32_t free = 0;   ///< the first of the freed ones, linked by next_by_client
    Tick position{};          ///< of the wheel: the tick whose slot is next
  };
  static_assert(kIsSharable<Header>);

  Record& record(std::uint32_t position) const { return records_[position - 1]; }
  std::uint32_t position_of(const Record& connection) const {
    return static_cast<std::uint32_t>(&connection - records_) + 1;
  }
  std::uint32_t& client_bucket(const Key& key) const { return client_buckets_[bucket(key)]; }
  std::uint32_t& server_bucket(const Key& key) const { return server_buckets_[bucket(key)]; }
  std::size_t bucket(const Key& key) const;
  Record* find_by_client(const Key& flow) const;
  Record* find_by_server(const Key& flow) const;
  Record* take_free();
  void unlink_from_buckets(Record& connection);
  void arm(Record& connection);
  void disarm(Record& connection);

  Header* header_;
  std::uint32_t* slots_;
  std::uint32_t* client_buckets_;
  std::uint32_t* server_buckets_;
  Record* records_;
  std::uint32_t capacity_;
  HashKey key_;
};

extern template class ConnectionTable<Ipv4Addr>;
extern template class ConnectionTable<Ipv6Addr>;

}  // namespace lvs::director
