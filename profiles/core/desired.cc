#include "profiles/core/desired.h"

#include <algorithm>

#include "net/base/overload.h"
#include "profiles/core/desired/parts.h"

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
  // What the kernel makes of 0 in IPv6.
  route.metric = vip.is_v4() ? 0 : 1024;
  return route;
}

OwnTable own_table(const Desired& desired, NftFamily family, const std::string& what) {
  OwnTable table;
  table.family = family;
  table.name = "lvskit_" + desired.profile;
  table.comment = "lvskit:" + desired.profile + ":" + what;
  return table;
}

Desired desire(const Profile& profile, const Host& host, Role role, const Abilities& can) {
  Desired desired;
  desired.profile = profile.name;
  desired.host = host.name;
  desired.links = link_names(host);
  for (const Nic& nic : host.nics)
    for (const Prefix& address : nic.addresses) desired.addresses.push_back({nic.name, address});
  if (role == Role::Director)
    desire_director(desired, profile, host, can);
  else
    desire_realserver(desired, profile, host, can);
  add_said_sysctls(desired, host);
  return desired;
}

Look look_for(const Desired& desired) {
  Look look;
  const auto add_combined = [&](const std::string& link, const std::string& setting) {
    // `default` is what a link that is made later begins with.
    for (const char* place : {"all", "default"}) look.sysctls.push_back(conf_key(place, setting));
    look.sysctls.push_back(conf_key(link, setting));
  };
  for (const Wish& wish : desired.wishes) {
    std::visit(
        Overload{
            [&](const SysctlWish& w) { look.sysctls.push_back(w.key); },
            [&](const EffectiveWish& w) { add_combined(w.rule.link, w.rule.setting); },
            [&](const LowerWish& w) { look.sysctls.push_back(conf_key("*", w.setting)); },
            [&](const Forward6Wish&) { look.sysctls.emplace_back("net/ipv6/conf/*/forwarding"); },
            [&](const StaticNeighbourWish& w) { look.resolve.push_back(w.owner); },
            [&](const AcceptWish&) { look.firewall = true; },
            [&](const ProofWish&) {},
            [&]<typename T>(const ObjectWish<T>& w) { look.take(look_for(Add<T>{w.object})); },
            [](const auto&) {},
        },
        wish);
  }
  look.take({});
  return look;
}

}  // namespace lvs::profiles
