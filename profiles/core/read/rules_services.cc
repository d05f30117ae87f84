// What must hold for services: which keys go together, and that no two of them are the same.

#include <algorithm>
#include <map>
#include <tuple>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "profiles/core/read/rules.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/table.h"

namespace lvs::profiles::reading {
namespace {

/// One rule for one service: `said` is its table.
using Rule = void (*)(const ServiceEntry& service, const Value& said, Errors& errors);

void judge_mark_or_vip(const ServiceEntry& /*service*/, const Value& said, Errors& errors) {
  const Member* mark = said.find("mark");
  const bool has_port = said.find("port") != nullptr || said.find("ports") != nullptr;
  if (mark == nullptr) {
    if (said.find("vip") == nullptr)
      errors.add(said.where, "`vip` is missing: a service has `vip` and `port`, or `mark`");
    if (!has_port)
      errors.add(said.where, "`port` is missing: a service has `vip` and `port`, or `mark`");
    if (const Member* family = said.find("family"))
      errors.add(family->where, "`family` is for a service with `mark`",
                 "with `vip` the address says it");
    return;
  }
  for (const std::string_view key : {"vip", "port", "ports", "protocol"}) {
    if (const Member* member = said.find(key))
      errors.add(member->where,
                 "`" + std::string{key} + "` and `mark`: a service has one or the other",
                 "what carries a mark is said in a [[mark]]");
  }
}

void judge_ports(const ServiceEntry& service, const Value& said, Errors& errors) {
  const Member* ports = said.find("ports");
  if (ports != nullptr && said.find("port") != nullptr)
    errors.add(ports->where, "`port` and `ports`: a service has one or the other");
  const bool has_every_port =
      std::any_of(service.ports.begin(), service.ports.end(),
                  [](const PortRange& range) { return range.first == Port{0}; });
  if (!has_every_port || service.persistence || said.find("persistence") != nullptr) return;
  errors.add(where_of(said, ports != nullptr ? "ports" : "port"),
             "port 0, every port, needs `persistence`",
             "without it the connections of one client would go to different servers");
}

void judge_persistence(const ServiceEntry& service, const Value& said, Errors& errors) {
  const Member* mask = said.find("persistence_mask");
  if (mask == nullptr || errors.is_bad(mask->where)) return;
  const Member* persistence = said.find("persistence");
  const bool is_off = persistence == nullptr ||
                      (persistence->value.kind == Kind::Boolean && !persistence->value.boolean);
  if (is_off) errors.add(mask->where, "`persistence_mask` needs `persistence`");
  const bool has_v4 = service.mark ? service.mark_family == Family::Ipv4
                                   : std::any_of(service.vips.begin(), service.vips.end(),
                                                 [](const IpAddr& vip) { return vip.is_v4(); });
  if (has_v4 && service.persistence && service.persistence->mask.value_or(0) > 32)
    add_mismatch(mask->value, "an integer from 1 to 32 for an IPv4 service", errors);
}

void judge_one_packet(const ServiceEntry& service, const Value& said, Errors& errors) {
  if (!service.one_packet || service.mark || !well_said(said, "one_packet", errors)) return;
  if (said.find("protocol") != nullptr && !well_said(said, "protocol", errors)) return;
  const bool is_udp = std::all_of(service.protocols.begin(), service.protocols.end(),
                                  [](Protocol protocol) { return protocol == Protocol::Udp; });
  if (!is_udp)
    errors.add(where_of(said, "one_packet"), "`one_packet` is for services of protocol udp only");
}

/// ipvsadm: "incompatible scheduler flag".
void judge_scheduler_flags(const ServiceEntry& service, const Value& said, Errors& errors) {
  const Member* flags = said.find("scheduler_flags");
  if (flags == nullptr) return;
  if (said.find("scheduler") != nullptr && !well_said(said, "scheduler", errors)) return;
  for (const Value& flag : items_of(flags->value)) {
    const std::string owner = flag.text.substr(0, flag.text.find('-'));
    if (flag.kind == Kind::Text && (owner == "sh" || owner == "mh") && owner != service.scheduler)
      errors.add(flag.where, "`scheduler_flags`: \"" + printable(flag.text) +
                                 "\" belongs to scheduler " + owner + ", this service has " +
                                 service.scheduler);
  }
}

void judge_tunnel(const ServiceEntry& service, const Value& said, Errors& errors) {
  const Member* tunnel = said.find("tunnel");
  if (tunnel == nullptr || !well_said(said, "method", errors)) return;
  const bool has_tun = service.method == Method::Tun ||
                       std::any_of(service.servers.begin(), service.servers.end(),
                                   [](const ServerEntry& s) { return s.method == Method::Tun; });
  if (!has_tun) errors.add(tunnel->where, "`tunnel` is for services of method tun only");
  if (errors.is_bad(tunnel->where)) return;
  if (const Member* port = tunnel->value.find("port");
      port != nullptr && service.tunnel.type != TunnelType::Gue)
    errors.add(port->where, "`port` of a tunnel is for type gue only");
  if (const Member* checksum = tunnel->value.find("checksum");
      checksum != nullptr && service.tunnel.type == TunnelType::Ipip)
    errors.add(checksum->where, "`checksum` of a tunnel is for types gue and gre only");
}

/// keepalived bends such numbers silently (facts of keepalived, quorum); here they are an error.
void judge_quorum(const ServiceEntry& service, const Value& said, Errors& errors) {
  const bool has_hysteresis = well_said(said, "hysteresis", errors);
  if (!well_said(said, "quorum", errors) && !has_hysteresis) return;
  if (has_hysteresis && service.hysteresis >= service.quorum)
    return errors.add(where_of(said, "hysteresis"),
                      "`hysteresis` must be less than `quorum`, " + std::to_string(service.quorum));
  std::uint64_t weights = 0;
  for (const ServerEntry& server : service.servers) weights += server.weight;
  const std::uint64_t needed = std::uint64_t{service.quorum} + service.hysteresis;
  if (needed > weights && well_said(said, "servers", errors))
    errors.add(where_of(said, "quorum"),
               "`quorum` and `hysteresis` together are " + std::to_string(needed) +
                   ", the weights of all servers only " + std::to_string(weights),
               "the service could never come up");
}

constexpr Rule kRules[] = {judge_mark_or_vip,     judge_ports,  judge_persistence, judge_one_packet,
                           judge_scheduler_flags, judge_tunnel, judge_quorum};

std::size_t count_services(const ServiceEntry& entry) {
  std::size_t ports = 0;
  for (const PortRange& range : entry.ports)
    ports += std::size_t{1} + range.last.number - range.first.number;
  return ports * entry.vips.size() * entry.protocols.size();
}

/// Services by identity. One error for an entry: its first double says enough.
class Identities {
 public:
  explicit Identities(const Subject& subject) : subject_(subject) {}

  void add(const Service& service, const Value& said) {
    const auto key = std::tuple{service.protocol, service.vip, service.port};
    const auto [at, is_new] = seen_.emplace(key, &said);
    if (is_new || blamed_ == &said) return;
    blamed_ = &said;
    const std::string which = to_string(service.protocol) + " " + to_string(service.vip) +
                              " port " + std::to_string(service.port.number);
    if (at->second == &said)
      subject_.errors.add(said.where, "this entry has the service " + which + " twice");
    else
      subject_.errors.add(said.where, "a second service for " + which,
                          "the first is in line " + std::to_string(at->second->where.line) +
                              "; a service is one protocol, VIP and port");
  }

 private:
  const Subject& subject_;
  std::map<std::tuple<Protocol, IpAddr, Port>, const Value*> seen_;
  const Value* blamed_ = nullptr;
};

void judge_identities(const Subject& subject) {
  const std::span<const Value> tables = service_tables(subject.root);
  std::size_t total = 0;
  for (const ServiceEntry& entry : subject.profile.services) total += count_services(entry);
  if (total > kMaxServices)
    return subject.errors.add(tables[0].where,
                              "the entries stand for " + std::to_string(total) +
                                  " services, at most " + std::to_string(kMaxServices) +
                                  " are possible",
                              "a service for every port is `port = 0` with `persistence`");
  Identities identities{subject};
  for (const Service& service : expand(subject.profile)) {
    const auto index = static_cast<std::size_t>(service.entry - subject.profile.services.data());
    const Value& said = tables[index];
    const bool has_protocol =
        said.find("protocol") == nullptr || well_said(said, "protocol", subject.errors);
    if (has_protocol) identities.add(service, said);
  }
}

void judge_marks(const Subject& subject) {
  const std::span<const Value> tables = service_tables(subject.root);
  std::map<std::pair<std::uint32_t, Family>, Where> seen;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const ServiceEntry& entry = subject.profile.services[i];
    if (!entry.mark) continue;
    const auto [at, is_new] =
        seen.emplace(std::pair{*entry.mark, entry.mark_family}, tables[i].where);
    if (!is_new)
      subject.errors.add(tables[i].where,
                         "a second service for mark " + std::to_string(*entry.mark),
                         "the first is in line " + std::to_string(at->second.line));
  }
}

void judge_names(const Subject& subject) {
  std::map<std::string, Where> seen;
  for (const Value& said : service_tables(subject.root)) {
    if (!well_said(said, "name", subject.errors)) continue;
    const Value& name = said.find("name")->value;
    const auto [at, is_new] = seen.emplace(name.text, name.where);
    if (!is_new)
      add_mismatch(name, "a name that no other service has", subject.errors,
                   "the other is in line " + std::to_string(at->second.line));
  }
}

}  // namespace

void judge_services(const Subject& subject) {
  const std::span<const Value> tables = service_tables(subject.root);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].kind != Kind::Table) continue;
    for (const Rule rule : kRules) rule(subject.profile.services[i], tables[i], subject.errors);
  }
  if (tables.empty()) return;
  judge_identities(subject);
  judge_marks(subject);
  judge_names(subject);
}

}  // namespace lvs::profiles::reading
