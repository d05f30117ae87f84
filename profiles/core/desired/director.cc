// The director's own host. Withholding comes first: once the VIP is on the NIC, the kernel answers
// every SYN that it sees with a RST, because nothing listens there. It also goes last.

#include "profiles/core/desired/director.h"

#include <algorithm>
#include <map>
#include <utility>

#include "profiles/core/desired/reach.h"
#include "profiles/core/desired/withheld.h"

namespace lvs::profiles {
namespace {

/// With VRRP the addresses come and go with the state, so they are `run`'s and not the set-up's.
bool moves_by_vrrp(const Profile& profile, const IpAddr& vip) {
  if (!profile.vrrp) return false;
  const std::vector<IpAddr>& moved = profile.vrrp->vips;
  return moved.empty() || std::find(moved.begin(), moved.end(), vip) != moved.end();
}

/// IPv4 alone has redirects of this kind, ARP, and source addresses that are checked.
void add_ipv4_rules(Desired& desired, const Host& host, const std::vector<std::string>& links) {
  add_no_redirects(desired, host, links, "the director must not tell clients a shorter way");
  add_open_lo(desired, "frames given back to the kernel on lo have foreign sources");
  for (const std::string& link : links) {
    add_checked(desired,
                {link,
                 "arp_ignore",
                 Combine::Max,
                 {"0", "1"},
                 "the director must answer who-has for the VIP"},
                {});
  }
}

using VipsByLink = std::map<std::string, std::vector<IpAddr>>;

/// The VIPs that the set-up puts on this host. One that is its own address is there already.
VipsByLink vips_by_link(const Profile& profile, const Host& host) {
  VipsByLink by_link;
  for (const IpAddr& vip : forwarded_vips(profile)) {
    const Nic* nic = nic_for(host, vip);
    if (nic == nullptr || host.owns(vip) || moves_by_vrrp(profile, vip)) continue;
    by_link[nic->name].push_back(vip);
  }
  return by_link;
}

void add_announcements(Desired& desired, const VipsByLink& by_link) {
  for (const auto& [link, vips] : by_link)
    for (const Family family : {Family::Ipv4, Family::Ipv6}) {
      const std::vector<IpAddr> here = of_family(vips, family);
      if (here.empty()) continue;
      desired.wishes.emplace_back(
          ProofWish{Announce{link, here}, "neighbours may remember another owner"});
    }
}

void add_addresses(Desired& desired, const Profile& profile, const Host& host) {
  const VipsByLink by_link = vips_by_link(profile, host);
  for (const auto& [link, vips] : by_link)
    for (const IpAddr& vip : vips) {
      const bool host_scope = vip.is_v4() && host.scope == VipScope::Host;
      desired.wishes.emplace_back(AddressWish{link, vip, host_scope ? kScopeHost : kScopeGlobal,
                                              "clients find the service here", true});
    }
  // For an IPv6 address the kernel makes the route itself.
  for (const auto& [link, vips] : by_link)
    for (const IpAddr& vip : of_family(vips, Family::Ipv4))
      desired.wishes.emplace_back(RouteWish{host_route(vip, link), "the VIP is on this link"});
  add_announcements(desired, by_link);
}

}  // namespace

void desire_director(Desired& desired, const Profile& profile, const Host& host,
                     const Abilities& can) {
  if (!host.has(Role::Director)) {
    desired.notes.push_back("host " + host.name + " is no director");
    return;
  }
  const std::vector<Service> services = services_to_forward(profile);
  for (std::string& reason : cuts_host_off(profile, host))
    desired.refusals.push_back(std::move(reason));
  add_withholding(desired, profile, host);
  if (std::any_of(services.begin(), services.end(),
                  [](const Service& service) { return service.family() == Family::Ipv4; }))
    add_ipv4_rules(desired, host, withheld_links(profile, host));
  add_masquerade(desired, profile, host, can);
  if (host.has(Role::Router)) desire_router(desired, profile, host, can);
  add_addresses(desired, profile, host);
}

}  // namespace lvs::profiles
