#include <algorithm>

#include "net/wire/transport.h"
#include "tests/support/ipvs_model/ipvs_model.h"

// The way of a packet: facts 2.2, 2.3, 2.9 to 2.11.

namespace lvs::test {

using director::ForwardMethod;

namespace {

constexpr std::uint8_t kSctpInit = 1;
constexpr std::uint8_t kSctpAbort = 6;

/// Facts 2.11: only the SYN bit counts.
bool asks_for_a_new_one(const ModelPacket& packet) {
  if (packet.protocol == Protocol::Tcp) return (packet.tcp_flags & wire::tcp_flag::kSyn) != 0;
  return packet.protocol == Protocol::Sctp && packet.sctp_chunk == kSctpInit;
}

ConnectionKey key_of(const ModelPacket& packet) {
  return {false,
          packet.protocol,
          packet.source,
          packet.source_port,
          packet.destination,
          packet.destination_port,
          0};
}

Direction direction_of(const ModelConnection& connection) {
  return connection.no_output ? Direction::InputOnly : Direction::Input;
}

ModelVerdict forward(const ModelConnection& connection) {
  return {ModelVerdict::Kind::Forward,
          connection.server,
          connection.method,
          connection.server_port,
          {},
          {}};
}

}  // namespace

std::optional<ModelVerdict> IpvsModel::packet(const ModelPacket& packet) {
  if (!has_service_of(packet.destination.family())) return ModelVerdict{};
  if (const ConnectionPointer answered = connection_answered_by(packet)) {
    if (!next_state(packet, Direction::Output, answered->state)) return std::nullopt;
    see(*answered, packet, Direction::Output);
    return ModelVerdict{ModelVerdict::Kind::Reply, answered->server,  answered->method,
                        answered->server_port,     answered->key.vip, answered->key.vip_port};
  }
  const ConnectionPointer connection = find(key_of(packet));
  if (connection == nullptr) return schedule(packet);
  const ModelServer& server = *connection->server;
  if (!server.available && service_of(server).expire_nodest_conn) {
    end(connection);
    return schedule(packet);
  }
  // Asked before it is looked whether the server is still there, as real IPVS does.
  if (asks_for_a_new_one(packet) && is_to_be_replaced(*connection)) {
    end_next_tick(*connection);
    return schedule(packet);
  }
  if (!server.available) return ModelVerdict{ModelVerdict::Kind::Drop, nullptr, {}, {}, {}, {}};
  if (!next_state(packet, direction_of(*connection), connection->state)) return std::nullopt;
  see(*connection, packet, direction_of(*connection));
  return forward(*connection);
}

bool IpvsModel::is_to_be_replaced(const ModelConnection& connection) const {
  if (service_of(*connection.server).expire_nodest_conn && connection.server->config.weight == 0)
    return true;
  const std::uint32_t mode = settings_.conn_reuse_mode;
  if (mode == 0 || connection.controlled_by != nullptr) return false;
  if (connection.key.protocol == Protocol::Sctp) return connection.state == "CLOSED";
  if (connection.state == "TIME_WAIT" || connection.state == "CLOSE") return true;
  return (mode & 2) != 0 && connection.state == "FIN_WAIT" && connection.no_output;
}

/// Facts 2.2.
bool IpvsModel::may_open(const ModelPacket& packet) const {
  using namespace wire::tcp_flag;
  if (packet.protocol == Protocol::Udp) return true;
  if (packet.protocol == Protocol::Sctp)
    return packet.sctp_chunk == kSctpInit ||
           (settings_.sloppy_sctp && packet.sctp_chunk != kSctpAbort);
  const bool opens = settings_.sloppy_tcp || (packet.tcp_flags & kSyn) != 0;
  return opens && (packet.tcp_flags & kRst) == 0;
}

std::optional<ModelVerdict> IpvsModel::schedule(const ModelPacket& packet) {
  if (!may_open(packet)) return ModelVerdict{};
  if (!next_state(packet, Direction::Input, "NONE")) return std::nullopt;
  ModelService* const service = find_service(packet);
  if (service == nullptr) return ModelVerdict{};
  if (packet.source_port == Port{20}) return ModelVerdict{};
  const std::optional<Target> target = choose(*service, packet);
  if (!target) return no_destination(*service, packet);
  return open(*service, packet, *target);
}

/// Facts 2.3.
ModelVerdict IpvsModel::no_destination(const ModelService& service,
                                       const ModelPacket& packet) const {
  const bool ftp = service.config.key.port == Port{21};
  if (ftp && packet.destination_port != Port{21}) return {};
  return {ModelVerdict::Kind::Unreachable, nullptr, {}, {}, {}, {}};
}

std::optional<IpvsModel::Target> IpvsModel::choose(ModelService& service,
                                                   const ModelPacket& packet) {
  if (service.config.persistence) return choose_persistent(service, packet);
  const bool own_port = packet.destination_port == service.config.key.port;
  if (service.config.key.mark == 0 && !own_port) return std::nullopt;
  const ServerPointer server =
      service.scheduler->pick(service.servers, packet, service.config.scheduler_flags);
  if (server == nullptr) return std::nullopt;
  const Port port = server->config.port;
  return Target{server, port == Port{0} ? packet.destination_port : port, nullptr};
}

ModelVerdict IpvsModel::open(const ModelService& service, const ModelPacket& packet,
                             const Target& target) {
  const ForwardMethod method = target.server->config.method;
  const ConnectionPointer connection = add({.key = key_of(packet),
                                            .server = target.server,
                                            .server_port = target.port,
                                            .method = method,
                                            .no_output = method != ForwardMethod::Masq,
                                            .controlled_by = target.controlled_by,
                                            .number = 0});
  const ModelVerdict verdict = forward(*connection);
  see(*connection, packet, direction_of(*connection));
  if (service.config.one_packet && packet.protocol == Protocol::Udp) end(connection);
  return verdict;
}

ConnectionPointer IpvsModel::connection_of(const ModelPacket& packet) const {
  return find(key_of(packet));
}

/// Of a `nat` server, by what its packets carry: the newest, if one client port came to two VIPs.
/// Also of a removed one: its answers pass, and renew the timer, in real IPVS.
ConnectionPointer IpvsModel::connection_answered_by(const ModelPacket& packet) const {
  ConnectionPointer newest;
  for (const ConnectionPointer& it : connections()) {
    const ConnectionKey& key = it->key;
    if (key.is_template || it->method != ForwardMethod::Masq) continue;
    const bool is_answered =
        key.protocol == packet.protocol && it->server->config.address == packet.source &&
        it->server_port == packet.source_port && key.client == packet.destination &&
        key.client_port == packet.destination_port;
    if (is_answered && (newest == nullptr || it->number > newest->number)) newest = it;
  }
  return newest;
}

}  // namespace lvs::test
