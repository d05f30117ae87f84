// A router between the clients and the directors. It sends packets for a VIP out of the NIC on
// which the director is; where the VIP lies in the network of another NIC, neighbours there ask for
// it, and the router answers for exactly that address (proxy_arp would answer for everything).

#include <algorithm>
#include <optional>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "profiles/core/desired/parts.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {
namespace {

/// True when a NIC is on a network of the director's NIC that has the VIP.
bool shares_lan(const Nic& nic, const Nic& director) {
  return std::any_of(director.addresses.begin(), director.addresses.end(),
                     [&](const Prefix& theirs) { return address_toward(nic, theirs.addr); });
}

class Router {
 public:
  Router(Desired& desired, const Profile& profile, const Host& host, const Abilities& can)
      : desired_(desired), profile_(profile), host_(host), can_(can), vips_(routed_vips()) {}

  void add() {
    for (const Family family : {Family::Ipv4, Family::Ipv6})
      if (!of_family(vips_, family).empty())
        add_forwarding(desired_, host_, family, can_, "a router forwards");
    if (!of_family(vips_, Family::Ipv4).empty())
      add_no_redirects(desired_, host_, link_names(host_),
                       "the router must not tell neighbours a way around the director");
    for (const IpAddr& vip : vips_) add_vip(vip);
  }

 private:
  std::vector<IpAddr> routed_vips() const {
    std::vector<IpAddr> vips;
    for (const ServiceEntry& entry : profile_.services)
      vips.insert(vips.end(), entry.vips.begin(), entry.vips.end());
    std::sort(vips.begin(), vips.end());
    vips.erase(std::unique(vips.begin(), vips.end()), vips.end());
    return vips;
  }

  /// The NIC toward the director that has this VIP.
  const Nic* toward_director(const IpAddr& vip) const {
    for (const Host* director : directors_of(profile_)) {
      const Nic* theirs = nic_for(*director, vip);
      for (const Nic& nic : host_.nics)
        if (theirs != nullptr && shares_lan(nic, *theirs)) return &nic;
    }
    return nullptr;
  }

  void add_vip(const IpAddr& vip) {
    if (host_.has(Role::Director)) return;  // the VIP is on this host itself
    const Nic* out = toward_director(vip);
    const Nic* holder = nic_toward(host_, vip);
    if (out == nullptr) {
      desired_.notes.push_back("host " + host_.name +
                               " is on no network of a director: it has no "
                               "route of ours to " +
                               to_string(vip));
      return;
    }
    if (out == holder) return;  // the network's own route leads there, and the director answers
    desired_.wishes.emplace_back(
        RouteWish{host_route(vip, out->name), "the director is on this link"});
    if (holder != nullptr) add_proxy(vip, holder->name);
  }

  void add_proxy(const IpAddr& vip, const std::string& link) {
    const char* const why = "neighbours here take the VIP for one of their own";
    if (!vip.is_v4()) {
      std::vector<SysctlWish> wishes{{conf6_key(link, "proxy_ndp"), "1", {"1"}, why}};
      // The kernel answers for others only on an interface that is a router's; force_forwarding
      // does not make it one.
      if (can_.force_forwarding) wishes.push_back({conf6_key(link, "forwarding"), "1", {"1"}, why});
      add_derived(desired_, host_, std::move(wishes));
    }
    desired_.wishes.emplace_back(
        ObjectWish<NeighbourFact>{{link, vip, std::nullopt, true, kOurProtocol}, why});
  }

  Desired& desired_;
  const Profile& profile_;
  const Host& host_;
  const Abilities& can_;
  std::vector<IpAddr> vips_;
};

/// The director's address on the LAN that `nic` is on too, when the VIP's NIC is there.
std::optional<IpAddr> owner_of(const Host& director, const IpAddr& vip, const Nic& nic) {
  if (director.owns(vip)) return vip;
  const Nic* theirs = nic_for(director, vip);
  if (theirs == nullptr) return std::nullopt;
  for (const Prefix& own : nic.addresses)
    if (own.addr.family() == vip.family())
      if (const auto address = address_toward(*theirs, own.addr)) return address;
  return std::nullopt;
}

}  // namespace

void desire_router(Desired& desired, const Profile& profile, const Host& host,
                   const Abilities& can) {
  Router(desired, profile, host, can).add();
}

void desire_static_neighbours(Desired& desired, const Profile& profile, const Host& host) {
  const std::vector<const Host*> directors = directors_of(profile);
  if (directors.size() != 1 || profile.vrrp) {
    desired.refusals.push_back("host " + host.name +
                               R"(: arp = "static" ties a VIP to the MAC of one director, but it )"
                               "can move here (several directors, or [vrrp])");
    return;
  }
  bool has_any = false;
  for (const IpAddr& vip : vips_for(profile, host))
    for (const Nic& nic : host.nics) {
      const auto owner = owner_of(*directors.front(), vip, nic);
      if (!owner || !address_toward(nic, *owner)) continue;
      has_any = true;
      desired.wishes.emplace_back(StaticNeighbourWish{
          nic.name, vip, *owner, "no gratuitous ARP may take the VIP to another host"});
    }
  if (!has_any)
    desired.notes.push_back("host " + host.name +
                            R"( is on no network of the director: arp = "static" does nothing)");
}

}  // namespace lvs::profiles
