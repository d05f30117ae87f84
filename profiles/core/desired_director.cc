// The director's own host. Withholding comes first: once the VIP is on the NIC, the kernel answers
// every SYN that it sees with a RST, because nothing listens there. It also goes last.

#include <algorithm>
#include <map>
#include <set>

#include "profiles/core/derive.h"
#include "profiles/core/desired_parts.h"

namespace lvs::profiles {
namespace {

/// True for what this version forwards: IPv4, TCP and UDP, dr (and tun, whose host is the same).
bool is_ours(const Service& service) {
  const bool method = service.entry->method == Method::Dr || service.entry->method == Method::Tun;
  const bool protocol = service.protocol == Protocol::Tcp || service.protocol == Protocol::Udp;
  return method && protocol && service.vip.is_v4() && service.port.number != 0;
}

std::vector<WithheldService> withheld(const Profile& profile) {
  std::set<WithheldService> services;
  for (const Service& service : expand(profile))
    if (is_ours(service)) services.insert({service.protocol, service.vip, service.port});
  return {services.begin(), services.end()};
}

std::vector<Ipv4Addr> vips_of(const std::vector<WithheldService>& services) {
  std::set<Ipv4Addr> vips;
  for (const WithheldService& service : services) vips.insert(service.addr.v4());
  return {vips.begin(), vips.end()};
}

/// With VRRP the addresses come and go with the state, so they are `run`'s and not the set-up's.
bool moves_by_vrrp(const Profile& profile, const IpAddr& vip) {
  if (!profile.vrrp) return false;
  const std::vector<IpAddr>& moved = profile.vrrp->vips;
  return moved.empty() || std::find(moved.begin(), moved.end(), vip) != moved.end();
}

void add_withholding(Desired& desired, const Profile& profile, const Host& host,
                     const std::vector<WithheldService>& services) {
  Withholding table;
  table.table = "lvskit_" + profile.name;
  table.comment = "lvskit:" + profile.name + ":withholding";
  table.services = services;
  const std::vector<Ipv4Addr> vips = vips_of(services);
  table.fragments_to = {vips.begin(), vips.end()};
  table.links = withheld_links(profile, host);
  table.rules = rule_count(table);
  desired.wishes.emplace_back(
      WithholdingWish{table, "the kernel must not answer for the services (RST, ICMP)"});
}

std::vector<SysctlWish> redirect_sysctls(const std::vector<std::string>& links) {
  std::vector<std::string> places{"all"};
  places.insert(places.end(), links.begin(), links.end());
  std::vector<SysctlWish> wishes;
  wishes.reserve(places.size());
  for (const std::string& place : places) {
    // OR-ed by the kernel: turning it off needs both zero (measured).
    wishes.push_back({conf_key(place, "send_redirects"),
                      "0",
                      {"0"},
                      "the director must not tell clients a shorter way"});
  }
  return wishes;
}

void add_rules(Desired& desired, const std::vector<std::string>& links) {
  add_open_lo(desired, "frames given back to the kernel on lo have foreign sources");
  for (const std::string& link : links) {
    const EffectiveRule redirects{link,
                                  "send_redirects",
                                  Combine::Or,
                                  {"0"},
                                  "the director must not tell clients a shorter way"};
    const EffectiveRule answers{link,
                                "arp_ignore",
                                Combine::Max,
                                {"0", "1"},
                                "the director must answer who-has for the VIP"};
    for (const EffectiveRule& rule : {redirects, answers}) add_checked(desired, rule, {});
  }
}

void add_addresses(Desired& desired, const Profile& profile, const Host& host,
                   const std::vector<Ipv4Addr>& vips) {
  std::map<std::string, std::vector<Ipv4Addr>> by_link;
  for (const Ipv4Addr& vip : vips) {
    const Nic* nic = nic_for(host, vip);
    if (nic == nullptr || moves_by_vrrp(profile, vip)) continue;
    by_link[nic->name].push_back(vip);
  }
  const bool host_scope = host.scope == VipScope::Host;
  for (const auto& [link, here] : by_link)
    for (const Ipv4Addr& vip : here)
      desired.wishes.emplace_back(AddressWish{link, vip, host_scope ? kScopeHost : kScopeGlobal,
                                              "clients find the service here", true});
  for (const auto& [link, here] : by_link)
    for (const Ipv4Addr& vip : here)
      desired.wishes.emplace_back(RouteWish{host_route(vip, link), "the VIP is on this link"});
  for (const auto& [link, here] : by_link) {
    desired.wishes.emplace_back(ProofWish{Announce{link, {here.begin(), here.end()}},
                                          "neighbours may remember another owner"});
  }
}

}  // namespace

std::vector<std::string> withheld_links(const Profile& profile, const Host& host) {
  std::set<std::string> links;
  for (const Ipv4Addr& vip : vips_of(withheld(profile)))
    if (const Nic* nic = nic_for(host, vip)) links.insert(nic->name);
  for (const std::string& link : link_names(host)) {
    const std::vector<std::string>& said = profile.engine.nics;
    if (std::find(said.begin(), said.end(), link) != said.end()) links.insert(link);
  }
  return {links.begin(), links.end()};
}

void desire_director(Desired& desired, const Profile& profile, const Host& host,
                     const Abilities& /*can*/) {
  if (!host.has(Role::Director)) {
    desired.notes.push_back("host " + host.name + " is no director");
    return;
  }
  const std::vector<WithheldService> services = withheld(profile);
  if (services.empty()) {
    desired.notes.emplace_back("no service of this profile is forwarded by this version");
    return;
  }
  const std::vector<std::string> links = withheld_links(profile, host);
  add_withholding(desired, profile, host, services);
  add_derived(desired, host, redirect_sysctls(links));
  add_rules(desired, links);
  add_addresses(desired, profile, host, vips_of(services));
}

}  // namespace lvs::profiles
