#include "director/io/configure.h"

#include <algorithm>
#include <map>
#include <set>

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

/// What this version would do otherwise than the entry says; empty when there is nothing.
std::string unsupported(const ServiceEntry& entry) {
  if (entry.mark) return "mark";
  if (entry.persistence) return "persistence";
  if (entry.one_packet) return "one_packet";
  if (entry.method == profiles::Method::Nat) return "method nat";
  if (entry.method == profiles::Method::Tun) return "method tun";
  for (const profiles::ServerEntry& server : entry.servers) {
    if (server.method && *server.method != profiles::Method::Dr) return "a server's own method";
    if (server.upper != 0 || server.lower != 0) return "thresholds (upper, lower)";
  }
  return {};
}

std::string unsupported(const ProfileService& service) {
  if (!service.vip.is_v4()) return "an IPv6 VIP";
  if (service.protocol != Protocol::Tcp && service.protocol != Protocol::Udp)
    return "protocol " + to_string(service.protocol);
  if (service.port.number == 0) return "port 0";
  return {};
}

Result<void> check_supported(const Profile& profile, std::span<const ProfileService> services) {
  const auto refuse = [&](const ServiceEntry& entry, const std::string& what) {
    return fail(place(profile, entry.where) + ": the director does not run " + what +
                " yet, so it would not forward as the profile says");
  };
  for (const ServiceEntry& entry : profile.services)
    if (const std::string what = unsupported(entry); !what.empty()) return refuse(entry, what);
  for (const ProfileService& service : services)
    if (const std::string what = unsupported(service); !what.empty())
      return refuse(*service.entry, what);
  return {};
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

ServiceConfig service_config(const ProfileService& service) {
  const ServiceEntry& entry = *service.entry;
  ServiceConfig config;
  config.key = {service.protocol, service.vip.v4(), service.port};
  config.name = service.name;
  config.scheduler = entry.scheduler;
  config.tcp_timeout_s = in_seconds(entry.timeouts.tcp);
  config.tcp_fin_timeout_s = in_seconds(entry.timeouts.tcp_fin);
  config.udp_timeout_s = in_seconds(entry.timeouts.udp);
  config.expire_nodest_conn = entry.expire_nodest_conn;
  config.expire_quiescent_template = entry.expire_quiescent_template;
  return config;
}

ServerSetup server_setup(const profiles::Server& server) {
  ServerSetup setup;
  setup.local = server.local;
  setup.config.address = server.address.v4();
  setup.config.port = server.port;
  setup.config.name = server.name;
  setup.config.weight = server.weight;
  setup.config.method = server.local ? ForwardMethod::Local : ForwardMethod::Route;
  return setup;
}

/// The next hop of each server address, made when it is first asked for.
class Hops {
 public:
  explicit Hops(Engine& engine) : engine_(engine) {}

  Result<NextHopId> to(Ipv4Addr server) {
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
  std::map<Ipv4Addr, NextHopId> hops_;
};

Result<void> load_service(Engine& engine, const ServiceSetup& service, Hops& hops) {
  LVS_TRY([[maybe_unused]] const ServiceId id, engine.add_service(service.config));
  for (const ServerSetup& server : service.servers) {
    ServerConfig config = server.config;
    if (!server.local) {
      LVS_TRY(config.next_hop, hops.to(config.address.v4()));
    }
    LVS_TRY([[maybe_unused]] const ServerId added, engine.add_server(service.config.key, config));
  }
  return {};
}

}  // namespace

std::vector<ServiceKey> DirectorSetup::keys() const {
  std::vector<ServiceKey> all;
  for (const ServiceSetup& service : services) all.push_back(service.config.key);
  return all;
}

std::vector<Ipv4Addr> DirectorSetup::vips() const {
  std::set<Ipv4Addr> all;
  for (const ServiceSetup& service : services) all.insert(service.config.key.vip.v4());
  return {all.begin(), all.end()};
}

Result<DirectorSetup> configure(const Profile& profile, const profiles::Host& self,
                                std::span<const SchedulerName> schedulers) {
  const std::vector<ProfileService> services = profiles::expand(profile);
  LVS_CHECK(check_supported(profile, services));
  DirectorSetup setup;
  setup.limits.connections = profile.engine.connections;
  setup.limits.new_flows_per_second =
      profile.engine.new_flows_per_second.value_or(profile.engine.connections / 2);
  setup.limits.answers_per_second = profile.engine.answers_per_second;
  for (const ProfileService& service : services) {
    LVS_CHECK(check_scheduler(profile, *service.entry, schedulers));
    ServiceSetup one{service_config(service), {}};
    for (const profiles::Server& server : profiles::servers_of(profile, service, self))
      one.servers.push_back(server_setup(server));
    setup.services.push_back(std::move(one));
  }
  // The same NICs as withholding: a frame that the kernel has too must not be given back to it.
  setup.nics = profiles::withheld_links(profile, self);
  for (const profiles::NotYet& key : profile.not_yet)
    setup.warnings.push_back(place(profile, key.where) + ": " + describe(key));
  return setup;
}

Result<std::vector<HopToFollow>> load(Engine& engine, const DirectorSetup& setup) {
  Hops hops(engine);
  for (const ServiceSetup& service : setup.services) LVS_CHECK(load_service(engine, service, hops));
  return hops.all();
}

}  // namespace lvs::director
