#include "director/io/configure.h"

#include <algorithm>
#include <array>
#include <map>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "profiles/core/desired.h"

namespace lvs::director {
namespace {

using profiles::Profile;
using ProfileService = profiles::Service;
using profiles::ServiceEntry;

std::string place(const Profile& profile, profiles::Where where) {
  return profile.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

Result<void> check_scheduler(const Profile& profile, const ServiceEntry& entry,
                             std::span<const SchedulerName> schedulers) {
  if (std::ranges::find(schedulers, entry.scheduler, &SchedulerName::name) != schedulers.end())
    return {};
  std::string known;
  for (const SchedulerName& scheduler : schedulers)
    known += (known.empty() ? "" : ", ") + std::string(scheduler.name);
  return fail(place(profile, entry.where) + ": the director does not run scheduler " +
              entry.scheduler + " yet; it has: " + known);
}

std::uint32_t in_seconds(profiles::Seconds time) {
  return static_cast<std::uint32_t>(time.count());
}

/// As ipvsadm names them. The reader has judged that they fit the scheduler.
SchedulerFlags scheduler_flags(const ServiceEntry& entry) {
  struct Named {
    std::string_view name;
    std::uint8_t bit = 0;
  };
  constexpr std::array known{
      Named{"sh-fallback", SchedulerFlags::kFirst}, Named{"mh-fallback", SchedulerFlags::kFirst},
      Named{"flag-1", SchedulerFlags::kFirst},      Named{"sh-port", SchedulerFlags::kSecond},
      Named{"mh-port", SchedulerFlags::kSecond},    Named{"flag-2", SchedulerFlags::kSecond},
      Named{"flag-3", SchedulerFlags::kThird}};
  SchedulerFlags flags;
  // A profile's services fall back by themselves (docs/director.md); those of IPVS do not.
  if (entry.scheduler == "sh" || entry.scheduler == "mh") flags.bits = SchedulerFlags::kFirst;
  for (const std::string& name : entry.scheduler_flags) {
    const auto* const found = std::ranges::find(known, name, &Named::name);
    if (found != known.end()) flags.bits |= found->bit;
  }
  return flags;
}

ServiceConfig service_config(const ProfileService& service) {
  const ServiceEntry& entry = *service.entry;
  ServiceConfig config;
  config.key = service.mark != 0 ? ServiceKey::of_mark(service.mark, service.family())
                                 : ServiceKey{service.protocol, service.vip, service.port};
  config.name = service.name;
  config.scheduler = entry.scheduler;
  config.scheduler_flags = scheduler_flags(entry);
  if (entry.persistence)
    config.persistence = Persistence{in_seconds(entry.persistence->timeout),
                                     entry.persistence->mask.value_or(service.vip.bits())};
  config.one_packet = entry.one_packet && (service.mark != 0 || service.protocol == Protocol::Udp);
  config.tcp_timeout_s = in_seconds(entry.timeouts.tcp);
  config.tcp_fin_timeout_s = in_seconds(entry.timeouts.tcp_fin);
  config.udp_timeout_s = in_seconds(entry.timeouts.udp);
  config.expire_nodest_conn = entry.expire_nodest_conn;
  config.expire_quiescent_template = entry.expire_quiescent_template;
  return config;
}

ForwardMethod method_of(const profiles::Server& server) {
  if (server.local) return ForwardMethod::Local;
  switch (server.method) {
    case profiles::Method::Nat:
      return ForwardMethod::Masq;
    case profiles::Method::Tun:
      return ForwardMethod::Tunnel;
    case profiles::Method::Dr:
      break;
  }
  return ForwardMethod::Route;
}

TunnelConfig tunnel_config(const profiles::Tunnel& tunnel) {
  constexpr Port gue{6080};  // IANA's
  switch (tunnel.type) {
    case profiles::TunnelType::Gue:
      return {TunnelType::Gue, tunnel.port.value_or(gue), tunnel.checksum};
    case profiles::TunnelType::Gre:
      return {TunnelType::Gre, {}, tunnel.checksum};
    case profiles::TunnelType::Ipip:
      break;
  }
  return {};
}

ServerSetup server_setup(const profiles::Server& server, const ServiceEntry& entry) {
  ServerSetup setup;
  setup.local = server.local;
  setup.config.address = server.address;
  setup.config.port = server.port;
  setup.config.name = server.name;
  setup.config.weight = server.weight;
  setup.config.method = method_of(server);
  setup.config.tunnel = tunnel_config(entry.tunnel);
  setup.config.upper = server.upper;
  setup.config.lower = server.lower;
  return setup;
}

/// What a local server gets is not rewritten, so it must listen where the service is.
Result<void> check_local_port(const Profile& profile, const ProfileService& service,
                              const profiles::Server& server) {
  if (!server.local || server.port == service.port) return {};
  return fail(place(profile, service.entry->where) + ": server " + server.name +
              " is the director itself, which gets the packets as they came: its port must be " +
              std::to_string(service.port.number));
}

/// The next hop of each server address, made when it is first asked for.
class Hops {
 public:
  explicit Hops(Engine& engine) : engine_(engine) {}

  Result<NextHopId> to(const IpAddr& server) {
    const auto [hop, is_new] = hops_.try_emplace(server);
    if (is_new) {
      LVS_TRY(hop->second, engine_.add_next_hop({}));
    }
    return hop->second;
  }
  std::vector<HopToFollow> all() const {
    std::vector<HopToFollow> follow;
    follow.reserve(hops_.size());
    for (const auto& [server, id] : hops_) follow.push_back({id, server});
    return follow;
  }

 private:
  Engine& engine_;
  std::map<IpAddr, NextHopId> hops_;
};

Result<void> load_service(Engine& engine, const ServiceSetup& service, Hops& hops) {
  LVS_TRY([[maybe_unused]] const ServiceId id, engine.add_service(service.config));
  for (const ServerSetup& server : service.servers) {
    ServerConfig config = server.config;
    if (!server.local) {
      LVS_TRY(config.next_hop, hops.to(config.address));
    }
    LVS_TRY([[maybe_unused]] const ServerId added, engine.add_server(service.config.key, config));
  }
  return {};
}

MarkSetup mark_setup(const profiles::MarkEntry& entry) {
  MarkSetup setup{{.mark = entry.value, .family = {}, .vip = entry.vip, .protocol = entry.protocol},
                  entry.interface};
  for (const profiles::PortRange& range : entry.ports)
    setup.rule.ports.push_back({range.first, range.last});
  if (entry.source) setup.rule.source = entry.source->network();
  return setup;
}

}  // namespace

Selection selection_of(const profiles::Withholding& withheld, const std::vector<IpAddr>& own) {
  Selection selection;
  for (const profiles::WithheldService& service : withheld.services)
    selection.services.push_back({.family = service.addr.family(),
                                  .destination = service.addr,
                                  .protocol = service.protocol,
                                  .first = service.port,
                                  .last = service.port});
  for (const profiles::WithheldService& reply : withheld.replies)
    selection.servers.push_back({reply.addr, reply.protocol, reply.port});
  for (const profiles::WithheldRange& range : withheld.ranges)
    selection.services.push_back({.family = range.family,
                                  .destination = range.addr,
                                  .protocol = range.protocol,
                                  .first = range.first,
                                  .last = range.last,
                                  .source = range.source,
                                  .is_reply = range.is_reply,
                                  .link = range.link});
  selection.fragments_to = withheld.fragments_to;
  selection.own = own;
  return selection;
}

std::vector<ServiceKey> DirectorSetup::keys() const {
  std::vector<ServiceKey> all;
  for (const ServiceSetup& service : services) all.push_back(service.config.key);
  return all;
}

Result<DirectorSetup> configure(const Profile& profile, const profiles::Host& self,
                                std::span<const SchedulerName> schedulers) {
  std::vector<ProfileService> services = profiles::expand(profile);
  for (ProfileService& service : profiles::mark_services(profile))
    services.push_back(std::move(service));
  DirectorSetup setup;
  setup.limits.connections = profile.engine.connections;
  setup.limits.new_flows_per_second =
      profile.engine.new_flows_per_second.value_or(profile.engine.connections / 2);
  setup.limits.answers_per_second = profile.engine.answers_per_second;
  for (const ProfileService& service : services) {
    LVS_CHECK(check_scheduler(profile, *service.entry, schedulers));
    ServiceSetup one{service_config(service), {}};
    for (const profiles::Server& server : profiles::servers_of(profile, service, self)) {
      LVS_CHECK(check_local_port(profile, service, server));
      one.servers.push_back(server_setup(server, *service.entry));
    }
    setup.services.push_back(std::move(one));
  }
  // The same NICs as withholding: a frame that the kernel has too must not be given back to it.
  setup.nics = profiles::withheld_links(profile, self);
  setup.selection =
      selection_of(profiles::withholding_of(profile, self), profiles::own_addresses(profile, self));
  for (const profiles::MarkEntry& mark : profile.marks) setup.marks.push_back(mark_setup(mark));
  for (const ProfileService& service : services)
    if (service.mark != 0 && profiles::marks_of(profile, service).empty())
      setup.warnings.push_back(place(profile, service.entry->where) + ": " +
                               without_mark(service.mark));
  for (const profiles::NotYet& key : profile.not_yet)
    setup.warnings.push_back(place(profile, key.where) + ": " + describe(key));
  return setup;
}

std::string without_mark(std::uint32_t mark) {
  return "no [[mark]] entry says what carries mark " + std::to_string(mark) +
         ", so its service gets no packets: marks that iptables or nft set come too late to be "
         "seen";
}

std::vector<MarkRule> mark_rules(std::span<const MarkSetup> marks, const NicNumbers& numbers) {
  std::vector<MarkRule> rules;
  for (const MarkSetup& mark : marks) {
    MarkRule rule = mark.rule;
    if (!mark.nic.empty()) {
      const auto number = numbers.find(mark.nic);
      // A NIC that is away brings no packets.
      if (number == numbers.end()) continue;
      rule.link = number->second;
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<std::vector<HopToFollow>> load(Engine& engine, const DirectorSetup& setup) {
  Hops hops(engine);
  for (const ServiceSetup& service : setup.services) LVS_CHECK(load_service(engine, service, hops));
  return hops.all();
}

Result<std::vector<NextHopId>> add_hops_to_clients(Engine& engine, const DirectorSetup& setup) {
  constexpr std::size_t stock = 4096;  // clients on our own networks, and routers to the others
  std::vector<NextHopId> ids;
  const bool is_wanted = std::ranges::any_of(setup.services, [](const ServiceSetup& service) {
    return std::ranges::any_of(service.servers, [](const ServerSetup& server) {
      return server.config.method == ForwardMethod::Masq ||
             server.config.method == ForwardMethod::Tunnel;  // errors about outer packets
    });
  });
  while (is_wanted && ids.size() < stock) {
    LVS_TRY(const NextHopId id, engine.add_next_hop({}));
    ids.push_back(id);
  }
  return ids;
}

}  // namespace lvs::director
