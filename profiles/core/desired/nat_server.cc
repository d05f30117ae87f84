// A real server of nat: what it answers must pass the director, which put its own mark on the
// packets and must take it off. So everything leaves by the director's address on the servers'
// side. No VIP, and nothing to be silent about.

#include <algorithm>

#include "net/base/joined.h"
#include "net/wire/addr_text.h"
#include "profiles/core/desired/parts.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {
namespace {

/// The director's address on a network that it shares with the server. Not the outside NIC's where
/// there is another: clients are there.
std::optional<IpAddr> inside_address(const Host& director, const IpAddr& rip) {
  std::optional<IpAddr> found;
  for (const Nic& nic : director.nics) {
    const auto address = address_toward(nic, rip);
    if (address && !nic.outside) return address;
    if (address) found = address;
  }
  return found;
}

/// The gateway that the profile says, when it is a director.
std::optional<IpAddr> said_gateway(const Profile& profile, const Host& host, Family family) {
  for (const IpAddr& gateway : host.gateways)
    for (const Host* director : directors_of(profile))
      if (gateway.family() == family && director->owns(gateway)) return gateway;
  return std::nullopt;
}

std::string names_of(const std::vector<const Host*>& hosts) {
  std::vector<std::string> names;
  names.reserve(hosts.size());
  for (const Host* host : hosts) names.push_back(host->name);
  return joined(names);
}

/// The gateway; else the refusal is in `desired`.
std::optional<IpAddr> gateway_for(Desired& desired, const Profile& profile, const Host& host,
                                  const IpAddr& rip) {
  if (const auto said = said_gateway(profile, host, rip.family())) return said;
  const std::vector<const Host*> directors = directors_of(profile);
  if (profile.vrrp) {
    desired.refusals.push_back(
        "host " + host.name + " serves by nat: with [vrrp] its gateway must move with the state, " +
        "which this version does not set up; say one director's address as its `gateway`");
    return std::nullopt;
  }
  if (directors.size() != 1) {
    desired.refusals.push_back("host " + host.name +
                               " serves by nat and has one gateway, but there are the directors " +
                               names_of(directors) + "; say one's address as the host's `gateway`");
    return std::nullopt;
  }
  const auto derived = inside_address(*directors.front(), rip);
  if (!derived)
    desired.refusals.push_back("host " + host.name + " serves by nat, but its address " +
                               to_string(rip) + " is in no network of director " +
                               directors.front()->name + ", which must be its gateway");
  return derived;
}

void note_other_gateways(Desired& desired, const Host& host, const IpAddr& gateway) {
  for (const IpAddr& said : host.gateways)
    if (said.family() == gateway.family() && said != gateway)
      desired.notes.push_back("gateway " + to_string(said) + " of host " + host.name +
                              " is no director: by nat answers must pass the director, so " +
                              to_string(gateway) + " is preferred to it");
}

}  // namespace

void desire_nat_server(Desired& desired, const Profile& profile, const Host& host) {
  const std::vector<Seat> seats = seats_of(profile, host, Method::Nat);
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const auto seat = std::find_if(seats.begin(), seats.end(), [&](const Seat& candidate) {
      return candidate.rip.family() == family;
    });
    if (seat == seats.end()) continue;
    const auto gateway = gateway_for(desired, profile, host, seat->rip);
    const Nic* nic = gateway ? nic_toward(host, *gateway) : nullptr;
    if (nic == nullptr) continue;
    desired.wishes.emplace_back(
        DefaultRouteWish{*gateway, nic->name, "what nat servers answer must pass the director"});
    note_other_gateways(desired, host, *gateway);
  }
}

}  // namespace lvs::profiles
