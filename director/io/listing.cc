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

using Describe = std::function<std::string(NextHopId)>;

Json server_document(const ServerStatus& server, const Describe& describe) {
  const NextHopId hop = server.config.next_hop;
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
                       {"next_hop", hop == NextHopId{} ? "-" : describe(hop)}});
}

Json service_document(const ServiceStatus& service, const Describe& describe) {
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
  for (const ServerStatus& server : service.servers)
    servers.push(server_document(server, describe));
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

DirectorState take_state(const WorkerView& view) {
  return {.services = view.engine.services(),
          .links = view.carrier.links(),
          .counters = view.engine.counters(),
          .ftp = view.engine.ftp_counters(),
          .connections = view.engine.connection_count(),
          .waiting = view.pump.waiting(),
          .now = view.now};
}

Json state_document(DirectorState state, const Describe& describe) {
  std::ranges::sort(state.services, {}, [](const ServiceStatus& s) { return s.config.key; });
  Json services = Json::array();
  for (const ServiceStatus& service : state.services)
    services.push(service_document(service, describe));
  Json links = Json::array();
  for (const CarrierLink& link : state.links)
    links.push(Json::object({{"name", link.name},
                             {"open", link.open},
                             {"lost", link.lost},
                             {"filter", link.is_rough ? "rough" : "exact"}}));
  return Json::object({{"uptime_s", state.now.number / kTicksPerSecond},
                       {"services", std::move(services)},
                       {"connections", state.connections},
                       {"waiting", std::uint64_t{state.waiting}},
                       {"counters", counters_document(state.counters)},
                       {"ftp", ftp_document(state.ftp)},
                       {"nics", std::move(links)}});
}

ConnectionsPage take_connections(const WorkerView& view, std::uint32_t from) {
  ConnectionsPage page;
  page.next = view.engine.connections(from, kConnectionsPage, view.now, page.connections);
  return page;
}

Json connections_document(const ConnectionsPage& page) {
  Json list = Json::array();
  for (const ConnectionStatus& connection : page.connections)
    list.push(Json::object({{"protocol", protocol_name(connection)},
                            {"expires_s", connection.expires_in.number / kTicksPerSecond},
                            {"state", connection.state},
                            {"template", connection.is_template},
                            {"client", endpoint(connection.client, connection.client_port)},
                            {"vip", endpoint(connection.vip, connection.vip_port)},
                            {"server", endpoint(connection.server, connection.server_port)}}));
  return Json::object({{"connections", std::move(list)}, {"next", page.next}});
}

}  // namespace lvs::director
