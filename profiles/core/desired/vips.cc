// The VIP on a real server: on lo, or on the tunnel device that brings its packets.

#include "profiles/core/desired/parts.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {

void add_vips(Desired& desired, const Host& host, const std::vector<IpAddr>& vips,
              const std::string& link) {
  const bool global = host.scope == VipScope::Global;
  for (const IpAddr& vip : vips) {
    // The kernel derives the scope of an IPv6 address from the address.
    const bool host_scope = vip.is_v4() && !global;
    desired.wishes.emplace_back(AddressWish{link, vip, host_scope ? kScopeHost : kScopeGlobal,
                                            "packets to the VIP are for this host too", false});
  }
}

void add_vips_on_lo(Desired& desired, const Host& host, const std::vector<IpAddr>& vips) {
  add_vips(desired, host, vips, "lo");
  // The kernel turns an IPv6 route on lo into one that rejects, and needs none.
  for (const IpAddr& vip : of_family(vips, Family::Ipv4))
    desired.wishes.emplace_back(RouteWish{host_route(vip, "lo"), "the VIP is here, on lo"});
}

}  // namespace lvs::profiles
