#include "tests/support/ipvs_model/ipvs_model.h"

// Templates: facts 2.8.

namespace lvs::test {
namespace {

constexpr Port kFtp{21};
/// Where templates go that no packet shall find any more.
constexpr Port kNowhere{0xffff};

ConnectionKey template_key(const director::ServiceConfig& service, const ModelPacket& packet) {
  const std::uint8_t mask = service.persistence->mask;
  const IpAddr client = Prefix{packet.source, mask}.network().addr;
  if (service.key.mark != 0)
    return {true,    director::kAnyProtocol, client, Port{0}, service.key.vip,
            Port{0}, service.key.mark};
  const bool one_port = service.key.port != Port{0} && service.key.port != kFtp;
  return {true,    packet.protocol,    client,
          Port{0}, packet.destination, one_port ? service.key.port : Port{0},
          0};
}

}  // namespace

std::optional<IpvsModel::Target> IpvsModel::choose_persistent(ModelService& service,
                                                              const ModelPacket& packet) {
  ConnectionKey key = template_key(service.config, packet);
  const bool own_port =
      service.config.key.mark == 0 && packet.destination_port == service.config.key.port;
  // Data of FTP goes by the same template as its control connection; both have port 0.
  ConnectionPointer found = find(key);
  if (found != nullptr && !is_template_usable(*found)) {
    rekey(found);
    found = nullptr;
  }
  if (found == nullptr) {
    const ServerPointer server =
        service.scheduler->pick(service.servers, packet, service.config.scheduler_flags);
    if (server == nullptr) return std::nullopt;
    found = make_template(service, key, server,
                          key.vip_port == Port{0} ? Port{0} : server->config.port);
  }
  const Port port = found->server->config.port;
  return Target{found->server, own_port && port != Port{0} ? port : packet.destination_port, found};
}

bool IpvsModel::is_template_usable(const ModelConnection& connection) const {
  const ModelServer& server = *connection.server;
  if (!server.available) return false;
  return server.config.weight > 0 || !service_of(server).expire_quiescent_template;
}

/// It stays, with its timer, until it ends by itself.
void IpvsModel::rekey(const ConnectionPointer& connection) {
  std::list<ConnectionPointer>& same_key = table_[connection->key];
  std::erase(same_key, connection);
  if (same_key.empty()) table_.erase(connection->key);
  connection->key.vip_port = kNowhere;
  connection->server_port = kNowhere;
  table_[connection->key].push_front(connection);
}

ConnectionPointer IpvsModel::make_template(ModelService& service, const ConnectionKey& key,
                                           const ServerPointer& server, Port port) {
  const std::uint64_t lifetime =
      std::uint64_t{service.config.persistence->timeout_s} * kTicksPerSecond;
  const ConnectionPointer made = add({.key = key,
                                      .server = server,
                                      .server_port = port,
                                      .method = server->config.method,
                                      .lifetime = lifetime,
                                      .controlled_by = nullptr,
                                      .number = 0});
  made->expires = now_ + lifetime;
  return made;
}

}  // namespace lvs::test
