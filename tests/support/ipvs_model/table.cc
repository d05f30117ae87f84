#include <algorithm>

#include "tests/support/ipvs_model/ipvs_model.h"

// The connection table, its timers and what servers count: facts 2.4, 2.5, 2.7, 2.10.

namespace lvs::test {
namespace {

constexpr ModelTime kSecond = kTicksPerSecond;
/// An entry that still controls others lives on for so long.
constexpr ModelTime kControlling = 60 * kSecond;

}  // namespace

ConnectionPointer IpvsModel::find(const ConnectionKey& key) const {
  const auto found = table_.find(key);
  return found == table_.end() || found->second.empty() ? nullptr : found->second.front();
}

std::vector<ConnectionPointer> IpvsModel::connections() const {
  std::vector<ConnectionPointer> all;
  for (const auto& [key, connections] : table_)
    all.insert(all.end(), connections.begin(), connections.end());
  return all;
}

bool IpvsModel::has_replaced() const {
  return std::ranges::any_of(table_, [&](const auto& entry) {
    return !entry.first.is_template && entry.second.size() > 1;
  });
}

ConnectionPointer IpvsModel::add(ModelConnection made) {
  const auto connection = std::make_shared<ModelConnection>(std::move(made));
  ModelServer& server = *connection->server;
  (connection->key.is_template ? server.persistent : server.inactive) += 1;
  if (server.config.upper != 0 && server.connections() >= server.config.upper)
    server.overload = true;
  if (connection->controlled_by != nullptr) {
    ModelConnection& controller = *connection->controlled_by;
    ++controller.controls;
    controller.expires = now_ + controller.lifetime;
  }
  connection->number = ++made_;
  connection->expires = now_ + 3 * kSecond;
  table_[connection->key].push_front(connection);
  return connection;
}

void IpvsModel::see(ModelConnection& connection, const ModelPacket& packet, Direction direction) {
  if (direction == Direction::Output) connection.no_output = false;
  const std::string before = connection.state;
  connection.state = *next_state(packet, direction, before);
  set_active(connection, is_active(packet.protocol, connection.state));
  const bool answered = packet.protocol == Protocol::Udp ? direction == Direction::Output
                                                         : connection.state == "ESTABLISHED";
  if (answered && connection.controlled_by != nullptr) connection.controlled_by->state = "ASSURED";
  // IPVS has its timeouts once for all services: where the server is gone, the usual ones are as
  // good.
  const director::ServiceConfig timeouts =
      connection.server->available ? service_of(*connection.server) : director::ServiceConfig{};
  connection.expires =
      now_ + kSecond * timeout_seconds(packet.protocol, connection.state, timeouts);
}

void IpvsModel::set_active(ModelConnection& connection, bool active) {
  if (connection.active == active) return;
  ModelServer& server = *connection.server;
  server.active += active ? 1u : -1u;
  server.inactive += active ? -1u : 1u;
  connection.active = active;
}

void IpvsModel::end(const ConnectionPointer& connection) {
  ModelServer& server = *connection->server;
  std::uint32_t& count = connection->key.is_template ? server.persistent
                         : connection->active        ? server.active
                                                     : server.inactive;
  --count;
  const std::uint32_t upper = server.config.upper;
  const std::uint32_t lower = server.config.lower != 0 ? server.config.lower : upper - upper / 4;
  if (upper == 0 || server.connections() < lower) server.overload = false;
  if (connection->controlled_by != nullptr) --connection->controlled_by->controls;
  std::list<ConnectionPointer>& same_key = table_[connection->key];
  std::erase(same_key, connection);
  if (same_key.empty()) table_.erase(connection->key);
}

std::optional<ModelTime> IpvsModel::next_event() const {
  std::optional<ModelTime> next = flush_at_;
  for (const ConnectionPointer& connection : connections())
    if (!next || connection->expires < *next) next = connection->expires;
  return next;
}

void IpvsModel::wait(Ticks length) {
  const ModelTime until = now_ + length.number;
  for (std::optional<ModelTime> next = next_event(); next && *next <= until; next = next_event()) {
    now_ = *next;
    if (flush_at_ == now_) end_without_server();
    expire_at_now();
  }
  now_ = until;
}

void IpvsModel::expire_at_now() {
  std::vector<ConnectionPointer> due = connections();
  std::erase_if(due, [&](const ConnectionPointer& it) { return it->expires > now_; });
  for (const ConnectionPointer& it : due)
    if (std::ranges::find(due, it->controlled_by) != due.end()) met_chance_ = true;
  std::ranges::stable_sort(due, {},
                           [](const ConnectionPointer& it) { return it->key.is_template; });
  for (const ConnectionPointer& connection : due) {
    if (connection->controls == 0) {
      end(connection);
      continue;
    }
    connection->lifetime = kControlling;
    connection->expires = now_ + kControlling;
  }
}

/// Facts 2.10: with expire_nodest_conn they end a tick after the removal, packets or not.
void IpvsModel::end_without_server() {
  flush_at_.reset();
  for (const ConnectionPointer& connection : connections())
    if (!connection->server->available && service_of(*connection->server).expire_nodest_conn)
      end(connection);
}

}  // namespace lvs::test
