// A real server of method dr owns the VIP and must not say so: the router would send every request
// straight to whoever answered its who-has first. So the ARP settings come before the address and
// leave after it, and what counts is the combined value on the NIC that receives the request
// (arp_ignore) or sends one (arp_announce); `lo` has no effect on either and is set because every
// published recipe does.

#include <algorithm>

#include "profiles/core/derive.h"
#include "profiles/core/desired_parts.h"

namespace lvs::profiles {
namespace {

bool serves_by_dr(const ServiceEntry& entry, const Host& host) {
  return std::any_of(entry.servers.begin(), entry.servers.end(), [&](const ServerEntry& server) {
    const bool here = server.host == host.name || (server.address && host.owns(*server.address));
    return here && server.method.value_or(entry.method) == Method::Dr;
  });
}

/// The IPv4 VIPs that this host serves by dr, sorted, once.
std::vector<Ipv4Addr> dr_vips(const Profile& profile, const Host& host) {
  std::vector<Ipv4Addr> vips;
  for (const ServiceEntry& entry : profile.services) {
    if (!serves_by_dr(entry, host)) continue;
    for (const IpAddr& vip : entry.vips)
      if (vip.is_v4()) vips.push_back(vip.v4());
  }
  std::sort(vips.begin(), vips.end());
  vips.erase(std::unique(vips.begin(), vips.end()), vips.end());
  return vips;
}

std::vector<SysctlWish> arp_sysctls(const Host& host) {
  std::vector<std::string> places{"all"};
  for (const std::string& link : link_names(host)) places.push_back(link);
  places.emplace_back("lo");
  std::vector<SysctlWish> wishes;
  wishes.reserve(2 * places.size());
  for (const std::string& place : places) {
    // 1 is not enough when the VIP lies in the NIC's own subnet (measured).
    wishes.push_back({conf_key(place, "arp_announce"),
                      "2",
                      {"2"},
                      "own ARP requests must not carry the VIP as their sender"});
  }
  for (const std::string& place : places) {
    // A higher number is not stricter: 3 answers for a VIP of global scope, 4 to 7 answer always,
    // 8 silences the host's own address (measured).
    wishes.push_back({conf_key(place, "arp_ignore"),
                      "1",
                      {"1", "2"},
                      "who-has for the VIP must stay unanswered here"});
  }
  return wishes;
}

void add_effective(Desired& desired, const Host& host) {
  for (const std::string& link : link_names(host)) {
    const EffectiveRule announce{link,
                                 "arp_announce",
                                 Combine::Max,
                                 {"2"},
                                 "own ARP requests must not carry the VIP as their sender"};
    const EffectiveRule ignore{link,
                               "arp_ignore",
                               Combine::Max,
                               {"1", "2"},
                               "who-has for the VIP must stay unanswered here"};
    for (const EffectiveRule& rule : {announce, ignore}) {
      desired.wishes.emplace_back(EffectiveWish{rule, {}});
      desired.wishes.emplace_back(ProofWish{ReadBackEffective{rule}, rule.why});
    }
  }
}

void add_probes(Desired& desired, const Host& host, const std::vector<Ipv4Addr>& vips) {
  for (const Nic& nic : host.nics) {
    const auto own = std::find_if(nic.addresses.begin(), nic.addresses.end(),
                                  [](const Prefix& address) { return address.addr.is_v4(); });
    if (own == nic.addresses.end()) continue;
    desired.wishes.emplace_back(ProofWish{ArpProbe{nic.name, own->addr, {vips.begin(), vips.end()}},
                                          "proof that this host does not claim the VIP"});
  }
}

}  // namespace

void desire_realserver(Desired& desired, const Profile& profile, const Host& host,
                       const Abilities& /*can*/) {
  if (host.has(Role::Director)) {
    desired.notes.push_back("host " + host.name +
                            " is a director, which owns the VIP: as a server of its own services "
                            "(local) it needs no VIP on lo and no ARP settings");
    return;
  }
  const std::vector<Ipv4Addr> vips = dr_vips(profile, host);
  if (vips.empty()) {
    desired.notes.push_back("host " + host.name + " serves no service by method dr");
    return;
  }
  add_sysctls(desired, host, arp_sysctls(host));
  add_effective(desired, host);
  const bool global = host.scope == VipScope::Global;
  for (const Ipv4Addr& vip : vips) {
    desired.wishes.emplace_back(AddressWish{"lo", vip, global ? kScopeGlobal : kScopeHost,
                                            "packets to the VIP are for this host too", false});
  }
  for (const Ipv4Addr& vip : vips)
    desired.wishes.emplace_back(RouteWish{host_route(vip, "lo"), "the VIP is here, on lo"});
  add_probes(desired, host, vips);
}

}  // namespace lvs::profiles
