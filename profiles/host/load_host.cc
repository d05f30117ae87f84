#include <cerrno>
#include <filesystem>

#include "net/linux/rtnetlink.h"
#include "profiles/core/derive.h"
#include "profiles/host/failure.h"
#include "profiles/host/host_part.h"
#include "profiles/io/boot_place.h"
#include "profiles/io/profile_file.h"

namespace lvs::host {
namespace {

std::string names_of(const profiles::Profile& profile) {
  std::string names;
  for (const profiles::Host& host : profile.hosts) names += (names.empty() ? "" : ", ") + host.name;
  return names;
}

HostResult<const profiles::Host*> host_by_name(const profiles::Profile& profile,
                                               const std::string& name) {
  if (const profiles::Host* host = profile.host(name)) return host;
  return refuse(ExitStatus::BadProfile, profile.file + ": there is no host `" + name +
                                            "`; the hosts are: " + names_of(profile));
}

HostResult<const profiles::Host*> host_by_addresses(const profiles::Profile& profile) {
  auto route = linux_net::RouteSocket::open();
  if (!route) return refuse(failure_of(route.error()));
  const auto addresses = route->addresses();
  if (!addresses) return refuse(failure_of(addresses.error()));
  std::vector<IpAddr> own;
  for (const linux_net::Address& address : *addresses) own.push_back(address.addr);
  auto self = profiles::find_self(profile, own);
  if (!self) return refuse(ExitStatus::BadProfile, profile.file + ": " + self.error().what);
  return *self;
}

Result<profiles::BootSetup> boot_setup(const HostOptions& options, const LoadedHost& loaded) {
  profiles::BootSetup boot;
  boot.places = options.places;
  boot.program = options.program;
  LVS_TRY(boot.program_path, profiles::own_program());
  LVS_TRY(boot.profile_path, profiles::whole_path(options.profile));
  boot.profile = loaded.profile.name;
  boot.host = loaded.self->name;
  boot.role = options.role;
  return boot;
}

}  // namespace

HostResult<std::unique_ptr<LoadedHost>> load_host(const HostOptions& options) {
  auto profile = profiles::read_profile_file(options.profile);
  if (!profile) return refuse(failure_of(std::move(profile).error()));
  auto state = profiles::StateDir::locate(options.state_dir, options.places);
  if (!state) return refuse(failure_of(state.error()));
  auto loaded =
      std::make_unique<LoadedHost>(LoadedHost{std::move(*profile), nullptr, std::move(*state)});
  auto self = options.host ? host_by_name(loaded->profile, *options.host)
                           : host_by_addresses(loaded->profile);
  if (!self) return refuse(std::move(self).error());
  loaded->self = *self;
  // lvs-realserver is for real servers, routers and clients; on a director it says what is not.
  const bool is_director = options.role == profiles::Role::Director;
  if (is_director && !loaded->self->has(options.role)) {
    return refuse(ExitStatus::BadProfile, options.profile + ": host " + loaded->self->name +
                                              " has no part for " + options.program);
  }
  auto boot = boot_setup(options, *loaded);
  if (!boot) return refuse(failure_of(boot.error()));
  loaded->boot = std::move(*boot);
  loaded->persistent = options.persistent;
  return loaded;
}

}  // namespace lvs::host
