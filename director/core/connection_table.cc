#include "director/core/connection_table.h"

#include <cassert>

namespace lvs::director {

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
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_by_client(
    const Key& flow) const {
  for (std::uint32_t p = client_bucket(flow); p != 0; p = record(p).next_by_client)
    if (record(p).client_key() == flow) return &record(p);
  return nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_by_server(
    const Key& flow) const {
  for (std::uint32_t p = server_bucket(flow); p != 0; p = record(p).next_by_server)
    if (record(p).server_key() == flow) return &record(p);
  return nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_from_client(const Key& flow,
                                                                                Tick now) const {
  Record* const found = find_by_client(flow);
  return found != nullptr && now < found->expires_at ? found : nullptr;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::find_from_server(const Key& flow,
                                                                                Tick now) const {
  Record* const found = find_by_server(flow);
  return found != nullptr && now < found->expires_at ? found : nullptr;
}

template <typename Addr>
std::optional<typename ConnectionTable<Addr>::Hit> ConnectionTable<Addr>::find(const Key& flow,
                                                                               Tick now) const {
  if (Record* found = find_from_client(flow, now)) return Hit{found, Direction::ToServer};
  if (Record* found = find_from_server(flow, now)) return Hit{found, Direction::ToClient};
  return std::nullopt;
}

template <typename Addr>
typename ConnectionTable<Addr>::Record* ConnectionTable<Addr>::expired_holder(
    const Record& connection, Tick now) const {
  if (Record* holder = find_by_client(connection.client_key());
      holder != nullptr && now >= holder->expires_at)
    return holder;
  Record* const holder = find_by_server(connection.server_key());
  return holder != nullptr && now >= holder->expires_at ? holder : nullptr;
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
  const Key client_key = connection.client_key();
  const Key server_key = connection.server_key();
  if (find_by_client(client_key) != nullptr || find_by_server(server_key) != nullptr)
    return nullptr;
  Record* const added = take_free();
  if (added == nullptr) return nullptr;

  if (header_->size++ == 0) header_->position = now;  // an empty wheel may stand anywhere
  *added = connection;
  const std::uint32_t position = position_of(*added);
  added->next_by_client = client_bucket(client_key);
  client_bucket(client_key) = position;
  added->next_by_server = server_bucket(server_key);
  server_bucket(server_key) = position;
  arm(*added);
  return added;
}

template <typename Addr>
void ConnectionTable<Addr>::unlink_from_buckets(Record& connection) {
  const std::uint32_t position = position_of(connection);
  std::uint32_t* link = &client_bucket(connection.client_key());
  while (*link != position) link = &record(*link).next_by_client;
  *link = connection.next_by_client;
  link = &server_bucket(connection.server_key());
  while (*link != position) link = &record(*link).next_by_server;
  *link = connection.next_by_server;
}

template <typename Addr>
void ConnectionTable<Addr>::erase(Record& connection) {
  disarm(connection);
  unlink_from_buckets(connection);
  connection = Record{};
  connection.next_by_client = header_->free;
  header_->free = position_of(connection);
  --header_->size;
}

template <typename Addr>
void ConnectionTable<Addr>::arm(Record& connection) {
  const Tick furthest = header_->position + Ticks{kSlots - 1};
  Tick look = connection.expires_at;
  if (look < header_->position) look = header_->position;
  if (look > furthest) look = furthest;

  std::uint32_t& slot = slots_[look.number % kSlots];
  connection.armed_for = look;
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
    slots_[connection.armed_for.number % kSlots] = next;
  }
  if (next != 0) record(next).timer_previous = previous;
}

template <typename Addr>
void ConnectionTable<Addr>::rearm(Record& connection, Tick expires_at) {
  connection.expires_at = expires_at;
  if (expires_at >= connection.armed_for) return;  // the wheel finds out when it looks
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
  Record& found = record(position);
  return found.protocol == Protocol{} ? nullptr : &found;
}

template class ConnectionTable<Ipv4Addr>;
template class ConnectionTable<Ipv6Addr>;

}  // namespace lvs::director
