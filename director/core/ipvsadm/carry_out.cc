#include "director/core/ipvsadm/carry_out.h"

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

namespace lvs::director::ipvsadm {
namespace {

std::optional<ServiceStatus> find_service(const Engine& engine, const ServiceKey& key) {
  const std::vector<ServiceStatus> all = engine.services();
  const auto found = std::ranges::find_if(
      all, [&key](const ServiceStatus& service) { return service.config.key == key; });
  if (found == all.end()) return std::nullopt;
  return *found;
}

ServiceConfig with_common(ServiceConfig config, const CommonSettings& common) {
  config.tcp_timeout_s = common.tcp_timeout_s;
  config.tcp_fin_timeout_s = common.tcp_fin_timeout_s;
  config.udp_timeout_s = common.udp_timeout_s;
  config.expire_nodest_conn = common.expire_nodest_conn;
  config.expire_quiescent_template = common.expire_quiescent_template;
  return config;
}

/// What ipvsadm's words say, and the rest as it is.
ServiceConfig with_rest_of(ServiceConfig config, const ServiceConfig& present) {
  config.name = present.name;
  config.tcp_timeout_s = present.tcp_timeout_s;
  config.tcp_fin_timeout_s = present.tcp_fin_timeout_s;
  config.udp_timeout_s = present.udp_timeout_s;
  config.expire_nodest_conn = present.expire_nodest_conn;
  config.expire_quiescent_template = present.expire_quiescent_template;
  return config;
}

std::string name_of_server(const Engine& engine, const ServiceKey& key,
                           const ServerConfig& wanted) {
  const std::optional<ServiceStatus> service = find_service(engine, key);
  if (!service) return {};
  const auto found = std::ranges::find_if(service->servers, [&wanted](const ServerStatus& server) {
    return server.config.address == wanted.address && server.config.port == wanted.port;
  });
  return found == service->servers.end() ? std::string{} : found->config.name;
}

Result<void> check_engine_has(const ServiceWish& wish) {
  if (wish.persistence_engine.empty()) return {};
  return fail("persistence engine " + wish.persistence_engine + ": there is none here");
}

Result<ServerConfig> complete(const ServerWish& wish, const Target& target) {
  if (wish.remote_checksum) return fail("remote checksum offload: not done here");
  ServerConfig config = wish.config;
  LVS_TRY(config.next_hop, target.way_to(config.address));
  return config;
}

Result<void> set_timeouts(const SetTimeouts& wanted, const Target& target) {
  const auto change = [&wanted](auto& timeouts) {
    if (wanted.tcp_s != 0) timeouts.tcp_timeout_s = wanted.tcp_s;
    if (wanted.tcp_fin_s != 0) timeouts.tcp_fin_timeout_s = wanted.tcp_fin_s;
    if (wanted.udp_s != 0) timeouts.udp_timeout_s = wanted.udp_s;
  };
  change(target.common);
  for (ServiceStatus& service : target.engine.services()) {
    change(service.config);
    LVS_CHECK(target.engine.edit_service(service.config));
  }
  return {};
}

/// One overload a command.
struct Carrier {
  const Target& target;
  Tick now;

  Result<void> operator()(const AddService& wish) const {
    LVS_CHECK(check_engine_has(wish));
    LVS_TRY([[maybe_unused]] const ServiceId id,
            target.engine.add_service(with_common(wish.config, target.common)));
    return {};
  }
  Result<void> operator()(const EditService& wish) const {
    LVS_CHECK(check_engine_has(wish));
    const std::optional<ServiceStatus> present = find_service(target.engine, wish.config.key);
    return target.engine.edit_service(present ? with_rest_of(wish.config, present->config)
                                              : wish.config);
  }
  Result<void> operator()(const DeleteService& wish) const {
    return target.engine.remove_service(wish.key, now);
  }
  Result<void> operator()(const AddServer& wish) const {
    LVS_TRY(const ServerConfig config, complete(wish, target));
    LVS_TRY([[maybe_unused]] const ServerId id, target.engine.add_server(wish.service, config));
    return {};
  }
  Result<void> operator()(const EditServer& wish) const {
    LVS_TRY(ServerConfig config, complete(wish, target));
    config.name = name_of_server(target.engine, wish.service, config);
    return target.engine.edit_server(wish.service, config);
  }
  Result<void> operator()(const DeleteServer& wish) const {
    return target.engine.remove_server(wish.service, wish.address, wish.port, now);
  }
  Result<void> operator()(const Clear& /*wish*/) const {
    for (const ServiceStatus& service : target.engine.services())
      LVS_CHECK(target.engine.remove_service(service.config.key, now));
    return {};
  }
  Result<void> operator()(const SetTimeouts& wish) const { return set_timeouts(wish, target); }
  Result<void> operator()(const StartDaemon& /*wish*/) const {
    return fail("the sync daemon: there is none here");
  }
  Result<void> operator()(const StopDaemon& /*wish*/) const {
    return fail("the sync daemon: none is running");
  }
  Result<void> operator()(const Restore& /*wish*/) const {
    return fail("restore: its lines are to be given one by one");
  }
  template <typename Listing>
  Result<void> operator()(const Listing& /*lists*/) const {
    return {};
  }
};

}  // namespace

Result<void> carry_out(const Command& command, const Target& target, Tick now) {
  return std::visit(Carrier{target, now}, command);
}

}  // namespace lvs::director::ipvsadm
