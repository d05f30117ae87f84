#include "director/io/listing.h"

#include <algorithm>

#include "net/wire/addr_text.h"

namespace lvs::director {
namespace {

std::string endpoint(const IpAddr& address, Port port) {
  const std::string host = address.is_v4() ? to_string(address) : "[" + to_string(address) + "]";
  return host + ":" + std::to_string(port.number);
}

std::string_view method_name(ForwardMethod method) {
  switch (method) {
    case ForwardMethod::Masq:
      return "nat";
    case ForwardMethod::Local:
      return "local";
    case ForwardMethod::Tunnel:
      return "tun";
    case ForwardMethod::Route:
      break;
  }
  return "dr";
}

/// A mark's templates are of no protocol (IPVS shows IP).
std::string protocol_name(const ConnectionStatus& connection) {
  return connection.protocol == kAnyProtocol ? "ip" : to_string(connection.protocol);
}

Json server_document(const ServerStatus& server) {
  return Json::object({{"name", server.config.name},
                       {"address", endpoint(server.config.address, server.config.port)},
                       {"method", method_name(server.config.method)},
                       {"weight", server.config.weight},
                       {"active", server.active},
                       {"inactive", server.inactive},
                       {"persistent", server.persistent},
                       {"connections", server.counters.connections},
                       {"packets", server.counters.packets_in},
                       {"bytes", server.counters.bytes_in},
                       {"packets_out", server.counters.packets_out},
                       {"bytes_out", server.counters.bytes_out},
                       {"next_hop", std::uint32_t{server.config.next_hop.number}}});
}

Json service_document(const ServiceStatus& service) {
  Json document =
      Json::object({{"name", service.config.name},
                    {"protocol", to_string(service.config.key.protocol)},
                    {"vip", to_string(service.config.key.vip)},
                    {"port", static_cast<std::uint32_t>(service.config.key.port.number)},
                    {"scheduler", service.config.scheduler},
                    {"connections", service.counters.connections},
                    {"packets", service.counters.packets_in},
                    {"bytes", service.counters.bytes_in},
                    {"packets_out", service.counters.packets_out},
                    {"bytes_out", service.counters.bytes_out}});
  if (const std::uint32_t mark = service.config.key.mark; mark != 0) {
    document.set("protocol", "mark");
    document.set("mark", mark);
  }
  Json servers = Json::array();
  for (const ServerStatus& server : service.servers) servers.push(server_document(server));
  return document.set("servers", std::move(servers));
}

Json counters_document(const VerdictCounters& counters) {
  Json dropped = Json::object();
  for (std::size_t i = 1; i < kDropReasons; ++i)
    dropped.set(name(static_cast<DropReason>(i)), counters.dropped[i]);
  return Json::object({{"received", counters.received},
                       {"forward", counters.forwarded},
                       {"local", counters.local},
                       {"kernel", counters.kernel},
                       {"answer", counters.answered},
                       {"drop", counters.all_dropped()},
                       {"dropped", std::move(dropped)}});
}

Json ftp_document(const FtpCounters& counters) {
  return Json::object({{"sessions", counters.sessions},
                       {"sessions_refused", counters.sessions_refused},
                       {"data_expected", counters.data_expected},
                       {"data_refused", counters.data_refused},
                       {"foreign", counters.foreign},
                       {"rewritten", counters.rewritten},
                       {"not_rewritten", counters.not_rewritten}});
}

}  // namespace

Json state_document(const WorkerView& view) {
  std::vector<ServiceStatus> services = view.engine.services();
  std::ranges::sort(services, {}, [](const ServiceStatus& s) { return s.config.key; });
  Json list = Json::array();
  for (const ServiceStatus& service : services) list.push(service_document(service));
  Json links = Json::array();
  for (const CarrierLink& link : view.carrier.links())
    links.push(Json::object({{"name", link.name},
                             {"open", link.open},
                             {"lost", link.lost},
                             {"filter", link.is_rough ? "rough" : "exact"}}));
  return Json::object({{"uptime_s", view.now.number / kTicksPerSecond},
                       {"services", std::move(list)},
                       {"connections", view.engine.connection_count()},
                       {"waiting", std::uint64_t{view.pump.waiting()}},
                       {"counters", counters_document(view.engine.counters())},
                       {"ftp", ftp_document(view.engine.ftp_counters())},
                       {"nics", std::move(links)}});
}

void put_next_hops(Json& state, const std::function<std::string(NextHopId)>& describe) {
  const Json* const old_services = state.find("services");
  if (old_services == nullptr) return;
  Json services = Json::array();
  for (Json service : *old_services->as_array()) {
    Json servers = Json::array();
    for (Json server : *service.find("servers")->as_array()) {
      const std::int64_t hop = *server.find("next_hop")->as_int();
      server.set("next_hop", hop == 0 ? "-" : describe({static_cast<std::uint16_t>(hop)}));
      servers.push(std::move(server));
    }
    service.set("servers", std::move(servers));
    services.push(std::move(service));
  }
  state.set("services", std::move(services));
}

Json connections_document(const WorkerView& view, std::uint32_t from) {
  std::vector<ConnectionStatus> page;
  const std::uint32_t next = view.engine.connections(from, kConnectionsPage, view.now, page);
  Json list = Json::array();
  for (const ConnectionStatus& connection : page)
    list.push(Json::object({{"protocol", protocol_name(connection)},
                            {"expires_s", connection.expires_in.number / kTicksPerSecond},
                            {"state", connection.state},
                            {"template", connection.is_template},
                            {"client", endpoint(connection.client, connection.client_port)},
                            {"vip", endpoint(connection.vip, connection.vip_port)},
                            {"server", endpoint(connection.server, connection.server_port)}}));
  return Json::object({{"connections", std::move(list)}, {"next", next}});
}

}  // namespace lvs::director
