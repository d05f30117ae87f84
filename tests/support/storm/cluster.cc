#include "tests/support/storm/cluster.h"

#include <algorithm>
#include <array>

#include "director/core/scheduler/table.h"

namespace lvs::test {
namespace {

using director::ForwardMethod;
using director::ServerConfig;
using director::ServiceConfig;
using director::ServiceKey;
using director::TunnelType;

constexpr std::uint8_t kV4Net = 10;

IpAddr server_address(Family family, std::uint8_t number) {
  if (family == Family::Ipv4) return Ipv4Addr(kV4Net, 1, 0, number);
  return Ipv6Addr{{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, number}};
}

Family other(Family family) { return family == Family::Ipv4 ? Family::Ipv6 : Family::Ipv4; }

ServerConfig server(ForwardMethod method, Port port = {}) {
  ServerConfig config;
  config.method = method;
  config.port = port;
  return config;
}
ServerConfig tunnel(TunnelType type, bool checksum = false) {
  ServerConfig config = server(ForwardMethod::Tunnel);
  config.tunnel = {type, type == TunnelType::Gue ? Port{6080} : Port{}, checksum};
  return config;
}

ServiceConfig service(const ServiceKey& key, Choices& choices) {
  ServiceConfig config;
  config.key = key;
  config.scheduler = std::string(choices.of(director::kSchedulers).name);
  config.expire_nodest_conn = choices.one_in(4);
  config.expire_quiescent_template = choices.one_in(4);
  return config;
}

void change_settings(director::Engine& engine, Choices& choices) {
  director::EngineSettings settings;
  settings.conn_reuse_mode = choices.below(4);
  settings.sloppy_tcp = choices.one_in(3);
  settings.sloppy_sctp = choices.one_in(3);
  settings.pmtu_disc = !choices.one_in(3);
  settings.cache_bypass = choices.one_in(3);
  settings.schedule_icmp = choices.one_in(3);
  settings.nat_icmp_send = choices.one_in(3);
  settings.drop_entry = choices.below(4);
  settings.drop_packet = choices.below(4);
  settings.secure_tcp = choices.below(4);
  engine.set_settings(settings);
}

}  // namespace

IpAddr storm_vip(Family family) {
  if (family == Family::Ipv4) return Ipv4Addr(203, 0, 113, 10);
  return Ipv6Addr{{0x20, 1, 0xd, 0xb8, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10}};
}
IpAddr storm_other_vip(Family family) {
  if (family == Family::Ipv4) return Ipv4Addr(203, 0, 113, 11);
  return Ipv6Addr{{0x20, 1, 0xd, 0xb8, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11}};
}
IpAddr storm_client(Family family, std::uint32_t number) {
  const auto last = static_cast<std::uint8_t>(1 + number);
  if (family == Family::Ipv4) return Ipv4Addr(198, 51, 100, last);
  return Ipv6Addr{{0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}};
}

StormCluster::StormCluster(director::Engine& engine, Choices& choices) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    hops.push_back(engine.add_next_hop(next_hop(choices, i)).value());
    ways.push_back(engine.add_next_hop(next_hop(choices, 100 + i)).value());
  }
  add_family(Family::Ipv4, choices);
  add_family(Family::Ipv6, choices);
  for (const ServiceConfig& one : services) restore(engine, one);
  director::MarkRule rule;
  rule.mark = kMark;
  rule.vip = storm_vip(Family::Ipv4);
  rule.ports = {{Port{90}, Port{95}}};
  engine.set_marks({rule});
}

void StormCluster::add(const ServiceConfig& config, std::vector<ServerConfig> service_servers) {
  services.push_back(config);
  for (ServerConfig& one : service_servers) {
    const auto number = static_cast<std::uint8_t>(servers.size() + 1);
    const bool crosses = one.method == ForwardMethod::Tunnel && number % 3 == 0;
    const Family family = config.key.family();
    one.address = server_address(crosses ? other(family) : family, number);
    one.next_hop = hops[number % hops.size()];
    if (one.method == ForwardMethod::Tunnel || one.method == ForwardMethod::Route)
      one.port = config.key.port;  // as the engine has it
    servers.push_back({config.key, one});
  }
}

void StormCluster::add_family(Family family, Choices& choices) {
  const IpAddr vip = storm_vip(family);
  const auto make = [&](Protocol protocol, std::uint16_t port) {
    return service({protocol, vip, Port{port}}, choices);
  };
  ServiceConfig web = make(Protocol::Tcp, 80);
  if (choices.one_in(2)) web.persistence = director::Persistence{.timeout_s = 20, .mask = 24};
  add(web, {server(ForwardMethod::Masq, Port{8080}), server(ForwardMethod::Masq, Port{80}),
            tunnel(TunnelType::IpIp), server(ForwardMethod::Route),
            server(ForwardMethod::Local, Port{80})});
  add(make(Protocol::Udp, 53),
      {server(ForwardMethod::Masq, Port{5300}), tunnel(TunnelType::Gue),
       tunnel(TunnelType::Gue, true), tunnel(TunnelType::Gre), tunnel(TunnelType::Gre, true)});
  add(make(Protocol::Sctp, 80), {server(ForwardMethod::Masq, Port{8080}),
                                 server(ForwardMethod::Masq, Port{80}), tunnel(TunnelType::IpIp)});
  ServiceConfig every = service({Protocol::Tcp, storm_other_vip(family), {}}, choices);
  every.persistence = director::Persistence{.timeout_s = 30};
  add(every, {server(ForwardMethod::Masq), server(ForwardMethod::Route)});
  add(make(Protocol::Tcp, 21), {server(ForwardMethod::Masq, Port{21})});
  ServiceConfig single = make(Protocol::Udp, 5000);
  single.one_packet = true;
  add(single, {server(ForwardMethod::Masq, Port{5001}), server(ForwardMethod::Route)});
  ServiceConfig marked = service(ServiceKey::of_mark(kMark, family), choices);
  if (choices.one_in(2)) marked.persistence = director::Persistence{.timeout_s = 25};
  add(marked, {server(ForwardMethod::Masq), tunnel(TunnelType::IpIp)});
  add(make(Protocol::Tcp, 81), {});
}

director::NextHop StormCluster::next_hop(Choices& choices, std::uint32_t number) {
  constexpr std::array<std::uint16_t, 6> mtus{1500, 1500, 1500, 1400, 1280, 600};
  const auto last = static_cast<std::uint8_t>(number);
  return {.link = LinkIndex{2 + number % 2},
          .source = MacAddr{{2, 0, 0, 0, 0, 0xfe}},
          .destination = MacAddr{{2, 0, 0, 0, 1, last}},
          .own_address =
              number % 5 == 4 ? storm_client(Family::Ipv6, 200) : IpAddr{Ipv4Addr(kV4Net, 0, 0, 1)},
          .mtu = choices.of(mtus),
          .resolved = !choices.one_in(5)};
}

void StormCluster::restore(director::Engine& engine, const ServiceConfig& config) const {
  if (!engine.add_service(config)) return;
  for (const Server& one : servers)
    if (one.service == config.key) static_cast<void>(engine.add_server(one.service, one.config));
}

void StormCluster::change(director::Engine& engine, Choices& choices, Tick now) {
  Server& one = choices.of(servers);
  const ServiceConfig& config = choices.of(services);
  switch (choices.below(8)) {
    case 0:
      return restore(engine, config);
    case 1:  // seldom: most of the time there is something to balance
      if (!choices.one_in(6)) return restore(engine, config);
      return static_cast<void>(engine.remove_service(config.key, now));
    case 2: {
      ServiceConfig edited = config;
      edited.scheduler = std::string(choices.of(director::kSchedulers).name);
      return static_cast<void>(engine.edit_service(edited));
    }
    case 3:
      return change_settings(engine, choices);
    case 4:
      return static_cast<void>(
          engine.remove_server(one.service, one.config.address, one.config.port, now));
    case 5:
      return static_cast<void>(engine.add_server(one.service, one.config));
    default: {
      ServerConfig edited = one.config;
      edited.weight = choices.below(4);
      edited.upper = choices.one_in(3) ? choices.below(6) : 0;
      edited.lower = edited.upper / 2;
      return static_cast<void>(engine.edit_server(one.service, edited));
    }
  }
}

void StormCluster::clear(director::Engine& engine, Tick now) {
  for (const ServiceConfig& one : services) static_cast<void>(engine.remove_service(one.key, now));
}

}  // namespace lvs::test
