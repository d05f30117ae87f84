#include "profiles/core/desired.h"

#include <algorithm>
#include <set>

#include "net/base/overload.h"
#include "net/base/sysctl_name.h"
#include "profiles/core/derive.h"
#include "profiles/core/desired_parts.h"

namespace lvs::profiles {

std::vector<std::string> link_names(const Host& host) {
  std::vector<std::string> names;
  for (const Nic& nic : host.nics) names.push_back(nic.name);
  return names;
}

RouteFact host_route(const IpAddr& vip, const std::string& link) {
  RouteFact route;
  route.destination = Prefix{vip, vip.bits()};
  route.link = link;
  route.protocol = kOurProtocol;
  route.scope = kScopeLink;
  return route;
}

void add_sysctls(Desired& desired, const Host& host, std::vector<SysctlWish> derived) {
  std::set<std::string> taken;
  for (SysctlWish& wish : derived) {
    if (!taken.insert(wish.key).second) continue;
    if (const auto said = host.sysctl.find(wish.key); said != host.sysctl.end()) {
      desired.notes.push_back(dotted(wish.key) + " = " + said->second +
                              ": the profile overrides the derived " + wish.value);
      wish.value = said->second;
      wish.accepted = {said->second};
      wish.why = "the profile's sysctl table says so";
    }
    desired.wishes.emplace_back(std::move(wish));
  }
  for (const auto& [key, value] : host.sysctl) {
    if (taken.contains(key)) continue;
    desired.wishes.emplace_back(
        SysctlWish{key, value, {value}, "the profile's sysctl table says so"});
  }
}

namespace {

bool serves(const Service& service, const Host& host) {
  const std::vector<ServerEntry>& servers = service.entry->servers;
  return std::any_of(servers.begin(), servers.end(),
                     [&](const ServerEntry& server) { return server.host == host.name; });
}

/// Half a set-up would look like a whole one: what cannot be done for a service of this host is
/// said before anything is done.
void refuse_what_comes_later(Desired& desired, const Profile& profile, const Host& host,
                             Role role) {
  for (const Service& service : expand(profile)) {
    const bool concerned =
        role == Role::Director || (!host.has(Role::Director) && serves(service, host));
    if (!concerned) continue;
    if (service.entry->method != Method::Dr)
      desired.refusals.push_back("service " + service.name +
                                 ": this version sets hosts up for method dr only");
    else if (!service.vip.is_v4())
      desired.refusals.push_back("service " + service.name +
                                 ": this version sets hosts up for IPv4 VIPs only");
  }
}

}  // namespace

Desired desire(const Profile& profile, const Host& host, Role role) {
  Desired desired;
  desired.profile = profile.name;
  desired.host = host.name;
  desired.links = link_names(host);
  for (const Nic& nic : host.nics)
    for (const Prefix& address : nic.addresses) desired.addresses.push_back({nic.name, address});
  refuse_what_comes_later(desired, profile, host, role);
  if (role == Role::Director)
    desire_director(desired, profile, host);
  else
    desire_realserver(desired, profile, host);
  return desired;
}

std::vector<std::string> sysctl_keys(const Desired& desired) {
  std::set<std::string> keys;
  const auto add_rule = [&](const EffectiveRule& rule) {
    keys.insert(conf_key("all", rule.setting));
    keys.insert(conf_key(rule.link, rule.setting));
  };
  for (const Wish& wish : desired.wishes) {
    std::visit(Overload{
                   [&](const SysctlWish& w) { keys.insert(w.key); },
                   [&](const EffectiveWish& w) { add_rule(w.rule); },
                   [](const auto&) {},
               },
               wish);
  }
  return {keys.begin(), keys.end()};
}

}  // namespace lvs::profiles
