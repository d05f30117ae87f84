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

/// True for a template or an FTP control connection that has connections. It outlives its timer as
/// long as they live (facts of IPVS, 2.4 and 2.8).
template <typename Addr>
constexpr bool controls_others(const Connection<Addr>& connection) {
  return (connection.flags & connection_flag::kControlled) == 0 && connection.control != 0;
}

/// The conversations that already have a server, and the templates that say where a client's go.
///
/// The table lives in memory that is given from outside (anonymous, a memfd, a BPF map) and has no
/// pointers in it; all zero bytes are an empty table, so nothing is constructed and a successor
/// finds everything in place. It is a header, the wheel's slots, two arrays of buckets and the
/// records. Each record hangs in the hash chain of the client's packets' key, a conversation of
/// method Masq also in that of the server's, and in one slot of the timer wheel.
///
/// Records are of three kinds that may carry equal keys, because a client's port can be zero on the
/// wire: conversations, templates, and those that wait for a client's port (FTP data). A key names
/// at most one record of each kind, and a search looks for one kind only: a template is never taken
/// for a conversation, nor the other way round. A retired record is of a fourth kind that nobody
/// searches for.
///
/// Bounded: a full table refuses new flows rather than growing or evicting, so a flood costs
/// connections and never memory.
///
/// The timer wheel is lazy. A packet of an existing flow only stores a new expiry; when the wheel
/// comes to the slot where the record hangs and its expiry lies further on, it is hung up again.
/// So a slot says "look here", not "this has ended", and only an expiry that gets earlier than the
/// look moves a record at once. The wheel is 82 s long: a longer timeout is looked at once a turn.
/// Ticks before the wheel's `position` are done with, and every look lies within one turn from
/// there, so a slot's number is enough to know its tick.
template <typename Addr>
class ConnectionTable {
 public:
  using Record = Connection<Addr>;
  using Key = FlowKey<Addr>;

  struct Hit {
    Record* connection = nullptr;  ///< valid until it is erased
    Direction direction = Direction::ToServer;
  };
  /// Where a client's key belongs; see prefetch().
  struct Place {
    std::size_t bucket = 0;
  };

  /// Bytes for this many connections. Alignment: that of std::max_align_t.
  static constexpr std::size_t bytes_for(std::uint32_t capacity) {
    return sizeof(Header) + sizeof(std::uint32_t) * kSlots +
           (sizeof(Record) + kBucketShare) * capacity;
  }

  /// `memory` holds zeros, or a table made with the same capacity and key; it outlives this object.
  ConnectionTable(std::span<std::byte> memory, std::uint32_t capacity, const HashKey& key);

  // Searches. A record whose time is over counts as absent, unless it controls others.
  /// A conversation by either of its keys.
  std::optional<Hit> find(const Key& flow, Tick now) const;
  /// By the client's key: the conversation, else the one that waits for a client's port.
  Record* find_from_client(const Key& flow, Tick now) const {
    return find_from_client(flow, now, Place{bucket(flow)});
  }
  Record* find_from_client(const Key& flow, Tick now, Place place) const;
  /// By the server's key: conversations of method Masq alone. One client port toward two VIPs of
  /// one server's port gives two of a key: the newest is found, as in IPVS.
  Record* find_from_server(const Key& flow, Tick now) const;
  /// A template by the key that it was inserted with, expired or not: the caller ends it.
  Record* find_template(const Key& key) const;

  // A search misses the cache for the bucket and again for the record. A carrier that has several
  // packets in hand starts the loads of all before it uses the first.
  /// Starts loading the buckets of a key: as a client's, and as a server's where there are such.
  Place prefetch(const Key& flow) const;
  /// Starts loading the first records of these buckets, which should have arrived by now.
  void prefetch_record(Place place) const;

  /// A record that counts as absent but was not erased yet and holds the client's key, in the way
  /// of a new one; nullptr when there is none.
  Record* expired_holder(const Record& connection, Tick now) const;

  /// The new record, with links and timer set; nullptr, and the table unchanged, when it is full or
  /// the client's key is taken. It must have a server.
  Record* insert(const Record& connection, Tick now);
  void erase(Record& connection);
  /// Stores a new expiry.
  void rearm(Record& connection, Tick expires_at);
  /// The port of a client that was waited for is known. False, and nothing changed, when a
  /// conversation has that key already.
  bool set_client_port(Record& connection, Port port);
  /// No search finds this record any more. A template shows port 0xffff then (facts of IPVS, 2.8).
  void retire(Record& connection);

  /// The next record whose time is over; nullptr when there is none at `now`, or when `limit`
  /// records were looked at (then `limit` is 0). The caller erases or re-arms it before the next
  /// call.
  Record* next_expired(Tick now, std::size_t& limit);

  std::uint32_t size() const { return header_->size; }
  std::uint32_t capacity() const { return capacity_; }
  bool is_full() const { return size() == capacity_; }
  /// Positions 1 to last_position() have held a record at some time.
  std::uint32_t last_position() const { return header_->fresh; }
  /// nullptr for a position that is free, or never was in use.
  Record* at(std::uint32_t position) const;
  /// The other way round; a record keeps its position until it is erased.
  std::uint32_t position_of(const Record& connection) const {
    return static_cast<std::uint32_t>(&connection - records_) + 1;
  }

 private:
  static constexpr std::uint32_t kSlots = 8192;
  /// The flags that make the kind of a record. kOnePacket, which is otherwise never in the table,
  /// says that it is retired.
  static constexpr std::uint8_t kKindFlags =
      connection_flag::kTemplate | connection_flag::kNoClientPort | connection_flag::kOnePacket;

  struct Header {
    std::uint32_t size = 0;
    std::uint32_t fresh = 0;    ///< records 1 to `fresh` have been used
    std::uint32_t free = 0;     ///< the first of the freed ones, linked by next_by_client
    std::uint32_t waiting = 0;  ///< records that wait for a client's port
    std::uint32_t served = 0;   ///< records that hang in a server's chain
    Tick position{};            ///< of the wheel: the tick whose slot is next
  };
  static_assert(kIsSharable<Header>);

  static constexpr std::uint8_t kind_of(const Record& connection) {
    return static_cast<std::uint8_t>(connection.flags & kKindFlags);
  }
  static bool is_absent(const Record& connection, Tick now) {
    return now >= connection.expires_at && !controls_others(connection);
  }
  /// Only these hang in a server's chain; a template keeps its timeout there.
  static constexpr bool has_server_key(const Record& connection) {
    return connection.method == ForwardMethod::Masq && !connection.is_template();
  }

  Record& record(std::uint32_t position) const { return records_[position - 1]; }
  std::uint32_t& client_bucket(const Key& key) const { return client_buckets_[bucket(key)]; }
  std::uint32_t& server_bucket(const Key& key) const { return server_buckets_[bucket(key)]; }
  std::size_t bucket(const Key& key) const;
  Record* find_by_client(const Key& flow, std::uint8_t kind, Place place) const;
  Record* holder_of(const Record& connection) const;
  void prefetch_first(std::uint32_t position) const;
  Record* take_free();
  void link(Record& connection);
  void unlink(Record& connection);
  /// When the wheel looks at it.
  Tick look_of(const Record& connection) const;
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
