#include <algorithm>

#include "tests/support/ipvs_model/ipvs_model.h"

// Commands on services and servers: facts 1.1, 2.1, 2.7 and 2.10.

namespace lvs::test {

using director::ForwardMethod;
using director::ServerConfig;
using director::ServiceConfig;
using director::ServiceKey;

namespace {

bool is_valid(const ServerConfig& config) { return config.lower <= config.upper; }
bool is_valid(const ServiceConfig& config) {
  return config.key.mark != 0 || config.key.port != Port{0} || config.persistence.has_value();
}

}  // namespace

Port server_port_in(const ServiceKey& service, const ServerConfig& config) {
  const bool mapped = config.method == ForwardMethod::Masq || config.method == ForwardMethod::Local;
  return mapped ? config.port : service.port;
}

bool IpvsModel::add_service(const ServiceConfig& config) {
  if (services_.contains(config.key) || !is_valid(config)) return false;
  auto scheduler = make_model_scheduler(config.scheduler, {});
  if (scheduler == nullptr) return false;
  services_[config.key] = ModelService{config, {}, std::move(scheduler)};
  return true;
}

bool IpvsModel::edit_service(const ServiceConfig& config) {
  ModelService* const service = find_service(config.key);
  if (service == nullptr || !is_valid(config)) return false;
  if (service->config.scheduler != config.scheduler) {
    auto scheduler = make_model_scheduler(config.scheduler, service->servers);
    if (scheduler == nullptr) return false;
    service->scheduler = std::move(scheduler);
  }
  service->config = config;
  return true;
}

bool IpvsModel::remove_service(const ServiceKey& key) {
  ModelService* const service = find_service(key);
  if (service == nullptr) return false;
  for (const ServerPointer& server : ServerPointers(service->servers)) throw_away(*service, server);
  removed_services_[key] = service->config;
  services_.erase(key);
  return true;
}

bool IpvsModel::add_server(const ServiceKey& key, const ServerConfig& given) {
  ModelService* const service = find_service(key);
  if (service == nullptr || !is_valid(given)) return false;
  ServerConfig config = given;
  config.port = server_port_in(key, given);
  if (find_server(*service, config.address, config.port) != nullptr) return false;
  ServerPointer server = take_from_trash(key, config.address, config.port);
  if (server == nullptr) {
    server = std::make_shared<ModelServer>();
    server->service = key;
    server->config.upper = config.upper;
  }
  if (config.upper == 0 || config.upper > server->config.upper) server->overload = false;
  server->config = config;
  server->last_weight = config.weight;
  server->available = true;
  service->servers.insert(service->servers.begin(), server);
  service->scheduler->changed(service->servers, ListChange::Added);
  return true;
}

bool IpvsModel::edit_server(const ServiceKey& key, const ServerConfig& given) {
  ModelService* const service = find_service(key);
  if (service == nullptr || !is_valid(given)) return false;
  ServerConfig config = given;
  config.port = server_port_in(key, given);
  const ServerPointer server = find_server(*service, config.address, config.port);
  if (server == nullptr) return false;
  if (config.upper == 0 || config.upper > server->config.upper) server->overload = false;
  server->config = config;
  if (config.weight != 0) server->last_weight = config.weight;
  service->scheduler->changed(service->servers, ListChange::Edited);
  return true;
}

bool IpvsModel::remove_server(const ServiceKey& key, const IpAddr& address, Port port) {
  ModelService* const service = find_service(key);
  if (service == nullptr) return false;
  const ServerPointer server = find_server(*service, address, port);
  if (server == nullptr) return false;
  throw_away(*service, server);
  return true;
}

void IpvsModel::throw_away(ModelService& service, const ServerPointer& server) {
  service.scheduler->before_removal(service.servers, server);
  std::erase(service.servers, server);
  service.scheduler->changed(service.servers, ListChange::Removed);
  server->available = false;
  trash_.push_back(server);
  if (service.config.expire_nodest_conn && !flush_at_) flush_at_ = now_ + 1;
}

ServerPointer IpvsModel::take_from_trash(const ServiceKey& service, const IpAddr& address,
                                         Port port) {
  const auto found = std::ranges::find_if(trash_, [&](const ServerPointer& server) {
    return server->service == service && server->config.address == address &&
           server->config.port == port;
  });
  if (found == trash_.end()) return nullptr;
  ServerPointer server = *found;
  trash_.erase(found);
  return server;
}

ServerPointer IpvsModel::find_server(const ModelService& service, const IpAddr& address,
                                     Port port) const {
  for (const ServerPointer& server : service.servers)
    if (server->config.address == address && server->config.port == port) return server;
  return nullptr;
}

ModelService* IpvsModel::find_service(const ServiceKey& key) {
  const auto found = services_.find(key);
  return found == services_.end() ? nullptr : &found->second;
}

/// Facts 2.1.
ModelService* IpvsModel::find_service(const ModelPacket& packet) {
  if (packet.mark != 0)
    if (ModelService* const marked =
            find_service(ServiceKey::of_mark(packet.mark, packet.destination.family())))
      return marked;
  const auto at = [&](Port port) {
    return find_service(ServiceKey{packet.protocol, packet.destination, port, 0});
  };
  if (ModelService* const exact = at(packet.destination_port)) return exact;
  const std::uint16_t port = packet.destination_port.number;
  if (packet.protocol == Protocol::Tcp && (port == 20 || port >= 1024))
    if (ModelService* const ftp = at(Port{21})) return ftp;
  return at(Port{0});
}

bool IpvsModel::has_service_of(Family family) const {
  return std::ranges::any_of(services_,
                             [&](const auto& entry) { return entry.first.family() == family; });
}

const ServiceConfig& IpvsModel::service_of(const ModelServer& server) const {
  const auto found = services_.find(server.service);
  return found != services_.end() ? found->second.config : removed_services_.at(server.service);
}

}  // namespace lvs::test
