#include "verify/core/targets.h"

#include <algorithm>

namespace lvs::verify {
namespace {

constexpr Port kFtp{21};
constexpr Port kPassiveData{50021};  // one of those that passive mode may name

bool can_be_asked(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp;
}

Target target_at(const IpAddr& vip, Protocol protocol, Port port) {
  const Asked of_tcp = port == kFtp ? Asked::Greeting : Asked::Page;
  return {vip, protocol, port, protocol == Protocol::Udp ? Asked::Datagram : of_tcp};
}

void add(std::vector<Target>& targets, const Target& target) {
  if (!can_be_asked(target.protocol)) return;
  if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(target);
}

std::vector<Target> targets_of_mark(const profiles::Profile& profile,
                                    const profiles::Service& service, std::span<const Port> every) {
  std::vector<Target> targets;
  for (const profiles::MarkEntry* mark : profiles::marks_of(profile, service)) {
    if (!mark->vip) continue;
    const Protocol protocol = mark->protocol.value_or(Protocol::Tcp);
    for (const profiles::PortRange& range : mark->ports)
      add(targets, target_at(*mark->vip, protocol, range.first));
    if (!mark->ports.empty()) continue;
    for (const Port port : every) add(targets, target_at(*mark->vip, protocol, port));
  }
  return targets;
}

}  // namespace

std::vector<Port> sampled_ports() { return {Port{80}, Port{8080}}; }

std::vector<Target> targets_of(const profiles::Profile& profile, const profiles::Service& service,
                               std::span<const Port> every) {
  if (service.mark != 0) return targets_of_mark(profile, service, every);
  std::vector<Target> targets;
  if (service.port.number == 0) {
    for (const Port port : every) add(targets, target_at(service.vip, service.protocol, port));
    return targets;
  }
  add(targets, target_at(service.vip, service.protocol, service.port));
  const bool has_data = service.protocol == Protocol::Tcp && service.port == kFtp &&
                        service.entry->persistence.has_value();
  if (has_data) add(targets, target_at(service.vip, service.protocol, kPassiveData));
  return targets;
}

Port port_at(const profiles::Server& server, const profiles::Service& service,
             const Target& target) {
  const bool is_mapped =
      server.port.number != 0 && (service.mark != 0 || target.port == service.port);
  return is_mapped ? server.port : target.port;
}

std::vector<profiles::Service> all_services(const profiles::Profile& profile) {
  std::vector<profiles::Service> services = profiles::expand(profile);
  for (profiles::Service& service : profiles::mark_services(profile))
    services.push_back(std::move(service));
  return services;
}

}  // namespace lvs::verify
