#include "director/core/connection_table.h"

#include <cassert>

namespace lvs::director {
namespace {

constexpr int kToWrite = 1;  // prefetching: a packet stores at least an expiry

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the table is laid over given bytes, and
// its records are implicit-lifetime types
template <typename Addr>
ConnectionTable<Addr>::ConnectionTable(std::span<std::byte> memory, std::uint32_t capacity,
                                       const HashKey& key)
    : header_(reinterpret_cast<Header*>(memory.data())),
      slots_(reinterpret_cast<std::uint32_t*>(memory.data() + sizeof(Header))),
      client_buckets_(slots_ + kSlots),
      server_buckets_(client_buckets_ + capacity),
      records_(reinterpret_cast<Record*>(server_buckets_ + capacity)),
      capacity_(capacity),
      key_(key) {
  assert(memory.size() >= bytes_for(capacity) && capacity > 0);
}
// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

template <typename Addr>
std::size_t ConnectionTable<Addr>::bucket(const Key& key) const {
  // Scales the hash to the number of buckets without a division.
  return static_cast<std::size_t>((hash_of(key_, key) >> 32) * capacity_ >> 32);
}

template <typename Addr>
typename ConnectionTable<Addr>::Place ConnectionTable<Addr>::prefetch(const Key& flow) const {
  const Place place{bucket(flow)};
  __builtin_prefetch(&client_buckets_[place.bucket]);
  if (header_->served != 0) __builtin_prefetch(&server_buckets_[place.bucket]);
  return place;
}

template <typename Addr>
void ConnectionTable<Addr>::prefetch_record(Place place) const {
  prefetch_first(client_buckets_[place.bucket]);
  if (header_->served != 0) prefetch_first(server_buckets_[place.bucket]);
}

template <typename Addr>
void ConnectionTable<Addr>::prefetch_first(std::uint32_t position) const {
  if (position == 0) return;
  const Record* const first = &record(position);
  __builtin_prefetch(first, kToWrite);
  __builtin_prefetch(&first->packets, kToWrite);  // a record may lie across two cache lines
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_by_client(const Key& flow,
                                                                              std::uint8_t kind,
                                                                              Place place) const {
  for (std::uint32_t p = client_buckets_[place.bucket]; p != 0; p = record(p).next_by_client)
    if (record(p).client_key() == flow && kind_of(record(p)) == kind) return &record(p);
  return nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_from_client(const Key& flow,
                                                                                Tick now,
                                                                                Place place) const {
  if (Record* const found = find_by_client(flow, 0, place);
      found != nullptr && !is_absent(*found, now))
    return found;
  if (header_->waiting == 0) return nullptr;
  Key any_port = flow;
  any_port.source_port = {};
  Record* const waiting =
      find_by_client(any_port, connection_flag::kNoClientPort, Place{bucket(any_port)});
  return waiting != nullptr && !is_absent(*waiting, now) ? waiting : nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_from_server(const Key& flow,
                                                                                Tick now) const {
  for (std::uint32_t p = server_bucket(flow); p != 0; p = record(p).next_by_server) {
    Record& found = record(p);
    if (found.server_key() == flow && kind_of(found) == 0 && !is_absent(found, now)) return &found;
  }
  return nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_template(const Key& key) const {
  return find_by_client(key, connection_flag::kTemplate, Place{bucket(key)});
}

template <typename Addr>
std::optional<typename ConnectionTable<Addr>::Hit> ConnectionTable<Addr>::find(const Key& flow,
                                                                               Tick now) const {
  if (Record* found = find_from_client(flow, now)) return Hit{found, Direction::ToServer};
  if (Record* found = find_from_server(flow, now)) return Hit{found, Direction::ToClient};
  return std::nullopt;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::holder_of(
    const Record& connection) const {
  const Key key = connection.client_key();
  return find_by_client(key, kind_of(connection), Place{bucket(key)});
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::expired_holder(
    const Record& connection, Tick now) const {
  Record* const holder = holder_of(connection);
  return holder != nullptr && is_absent(*holder, now) ? holder : nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::take_free() {
  if (header_->free != 0) {
    Record& freed = record(header_->free);
    header_->free = freed.next_by_client;
    return &freed;
  }
  return header_->fresh < capacity_ ? &record(++header_->fresh) : nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::insert(const Record& connection,
                                                                      Tick now) {
  assert(connection.server.number != 0);
  if (holder_of(connection) != nullptr) return nullptr;
  Record* const added = take_free();
  if (added == nullptr) return nullptr;

  if (header_->size++ == 0) header_->position = now;  // an empty wheel may stand anywhere
  *added = connection;
  link(*added);
  arm(*added);
  return added;
}

template <typename Addr>
void ConnectionTable<Addr>::link(Record& connection) {
  const std::uint32_t position = position_of(connection);
  std::uint32_t& by_client = client_bucket(connection.client_key());
  connection.next_by_client = by_client;
  by_client = position;
  if (kind_of(connection) == connection_flag::kNoClientPort) ++header_->waiting;
  if (!has_server_key(connection)) return;
  ++header_->served;
  std::uint32_t& by_server = server_bucket(connection.server_key());
  connection.next_by_server = by_server;
  by_server = position;
}

template <typename Addr>
void ConnectionTable<Addr>::unlink(Record& connection) {
  const std::uint32_t position = position_of(connection);
  std::uint32_t* next = &client_bucket(connection.client_key());
  while (*next != position) next = &record(*next).next_by_client;
  *next = connection.next_by_client;
  if (kind_of(connection) == connection_flag::kNoClientPort) --header_->waiting;
  if (!has_server_key(connection)) return;
  --header_->served;
  next = &server_bucket(connection.server_key());
  while (*next != position) next = &record(*next).next_by_server;
  *next = connection.next_by_server;
}

template <typename Addr>
void ConnectionTable<Addr>::erase(Record& connection) {
  disarm(connection);
  unlink(connection);
  connection = Record{};
  connection.next_by_client = header_->free;
  header_->free = position_of(connection);
  --header_->size;
}

template <typename Addr>
bool ConnectionTable<Addr>::set_client_port(Record& connection, Port port) {
  assert(kind_of(connection) == connection_flag::kNoClientPort);
  Record known = connection;
  known.client_port = port;
  known.flags = static_cast<std::uint8_t>(known.flags & ~connection_flag::kNoClientPort);
  if (holder_of(known) != nullptr) return false;
  unlink(connection);
  connection.client_port = known.client_port;
  connection.flags = known.flags;
  link(connection);
  return true;
}

template <typename Addr>
void ConnectionTable<Addr>::retire(Record& connection) {
  unlink(connection);
  if (connection.is_template()) connection.vip_port = connection.server_port = Port{0xffff};
  connection.flags |= connection_flag::kOnePacket;
  link(connection);
}

template <typename Addr>
Tick ConnectionTable<Addr>::look_of(const Record& connection) const {
  const Tick position = header_->position;
  const std::uint32_t ahead = (connection.armed_slot - position.number) % kSlots;
  return position + Ticks{ahead};
}

template <typename Addr>
void ConnectionTable<Addr>::arm(Record& connection) {
  const Tick furthest = header_->position + Ticks{kSlots - 1};
  Tick look = connection.expires_at;
  if (look < header_->position) look = header_->position;
  if (look > furthest) look = furthest;

  connection.armed_slot = static_cast<std::uint16_t>(look.number % kSlots);
  std::uint32_t& slot = slots_[connection.armed_slot];
  connection.timer_previous = 0;
  connection.timer_next = slot;
  slot = position_of(connection);
  if (connection.timer_next != 0) record(connection.timer_next).timer_previous = slot;
}

template <typename Addr>
void ConnectionTable<Addr>::disarm(Record& connection) {
  const std::uint32_t next = connection.timer_next;
  const std::uint32_t previous = connection.timer_previous;
  if (previous != 0) {
    record(previous).timer_next = next;
  } else {
    slots_[connection.armed_slot] = next;
  }
  if (next != 0) record(next).timer_previous = previous;
}

template <typename Addr>
void ConnectionTable<Addr>::rearm(Record& connection, Tick expires_at) {
  connection.expires_at = expires_at;
  if (expires_at >= look_of(connection)) return;  // the wheel finds out when it looks
  disarm(connection);
  arm(connection);
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::next_expired(Tick now,
                                                                            std::size_t& limit) {
  if (size() == 0) return nullptr;
  Tick& position = header_->position;
  // After a long silence one turn is enough: it looks at every slot.
  if (position < now && (now - position).number >= kSlots)
    position = Tick{now.number - (kSlots - 1)};

  while (position <= now) {
    const std::uint32_t head = slots_[position.number % kSlots];
    if (head == 0) {
      position.number++;
      continue;
    }
    if (limit == 0) return nullptr;
    --limit;
    Record& connection = record(head);
    if (now >= connection.expires_at) return &connection;
    disarm(connection);
    arm(connection);
  }
  return nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::at(std::uint32_t position) const {
  if (position == 0 || position > header_->fresh) return nullptr;
  Record& found = record(position);
  return found.server.number == 0 ? nullptr : &found;
}

template class ConnectionTable<Ipv4Addr>;
template class ConnectionTable<Ipv6Addr>;

}  // namespace lvs::director
