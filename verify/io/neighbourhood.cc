#include "verify/io/neighbourhood.h"

#include <map>
#include <string>

namespace lvs::verify {
namespace {

using profiles::Host;
using profiles::Nic;

/// The host's IPv4 addresses on the LAN that our own address and the VIP are on.
std::vector<Ipv4Addr> addresses_on_lan(const Host& host, const Facing& facing, Ipv4Addr vip) {
  std::vector<Ipv4Addr> addresses;
  for (const Nic& nic : host.nics)
    for (const Prefix& address : nic.addresses)
      if (address.addr.is_v4() && (address.contains(facing.own) || address.contains(vip)))
        addresses.push_back(address.addr.v4());
  return addresses;
}

}  // namespace

Result<KnownHosts> learn_hosts(ArpProber& prober, const profiles::Profile& profile,
                               const Facing& facing, Ipv4Addr vip) {
  std::map<Ipv4Addr, const Host*> asked;
  KnownHosts known;
  for (const Host& host : profile.hosts) {
    for (const Ipv4Addr address : addresses_on_lan(host, facing, vip)) {
      if (address == facing.own)
        known.add({.mac = facing.mac, .host = host.name, .roles = host.roles});
      else
        asked.emplace(address, &host);
    }
  }
  std::vector<Ipv4Addr> wanted;
  wanted.reserve(asked.size());
  for (const auto& [address, host] : asked) wanted.push_back(address);
  LVS_TRY(const auto found, resolve(prober, wanted));
  for (const auto& [address, mac] : found) {
    const Host& host = *asked.at(address);
    known.add({.mac = mac, .host = host.name, .roles = host.roles});
  }
  return known;
}

}  // namespace lvs::verify
