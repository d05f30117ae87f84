// Connections that nat servers open themselves go by the director's kernel: it forwards them and
// gives them the address of the NIC that faces the outside. The rule comes before forwarding, so
// that no private address gets out in between.

#include <algorithm>
#include <set>
#include <utility>

#include "net/wire/addr_text.h"
#include "profiles/core/desired/director.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {
namespace {

/// One network of servers, and the NIC by which its connections leave.
struct Way {
  Prefix network{};
  std::string outside;
  friend auto operator<=>(const Way&, const Way&) = default;
};

/// The NIC that faces the clients of a service: the one that is said to, else the VIP's.
const Nic* outside_nic(const Host& host, const IpAddr& vip) {
  for (const Nic& nic : host.nics)
    if (nic.outside) return &nic;
  return nic_for(host, vip);
}

std::set<Way> derived_ways(const Profile& profile, const Host& host) {
  std::set<Way> ways;
  for (const Service& service : services_to_forward(profile)) {
    const Nic* outside = outside_nic(host, service.vip);
    for (const Server& server : nat_servers(profile, service, host)) {
      const Nic* inside = nic_toward(host, server.address);
      if (inside == nullptr || outside == nullptr || inside == outside) continue;
      for (const Prefix& own : inside->addresses)
        if (own.contains(server.address)) ways.insert({own.network(), outside->name});
    }
  }
  return ways;
}

/// The networks that the profile says, each out by the NIC that the derived ones have.
std::set<Way> ways_of(const Profile& profile, const Host& host) {
  std::set<Way> derived = derived_ways(profile, host);
  if (host.masquerade_networks.empty() || derived.empty()) return derived;
  std::set<Way> ways;
  for (const Prefix& network : host.masquerade_networks)
    ways.insert({network.network(), derived.begin()->outside});
  return ways;
}

bool has_nat(const Profile& profile, const Host& host, Family family) {
  const std::vector<Service> services = services_to_forward(profile);
  return std::any_of(services.begin(), services.end(), [&](const Service& service) {
    return service.vip.family() == family && !nat_servers(profile, service, host).empty();
  });
}

void add_tables(Desired& desired, const std::set<Way>& ways) {
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    OwnTable table =
        own_table(desired, family == Family::Ipv4 ? NftFamily::Ip : NftFamily::Ip6, "masquerade");
    for (const Way& way : ways)
      if (way.network.addr.family() == family)
        table.rules.emplace_back(MasqueradeRule{way.network, way.outside});
    if (table.rules.empty()) continue;
    desired.wishes.emplace_back(
        ObjectWish<OwnTable>{table, "connections that servers open leave with our address"});
  }
}

/// Other chains on the way must let them pass: out, and what comes back to them.
void add_accepts(Desired& desired, const std::set<Way>& ways) {
  const std::string mark = "lvskit:" + desired.profile + ":accept-";
  for (const Way& way : ways) {
    PacketMatch out;
    out.family = way.network.addr.family();
    out.source = way.network;
    out.out_link = way.outside;
    PacketMatch back;
    back.family = out.family;
    back.destination = way.network;
    back.in_link = way.outside;
    back.established = true;
    desired.wishes.emplace_back(AcceptWish{Hook::Forward, out,
                                           mark + "out-" + to_string(way.network),
                                           "servers may open connections"});
    desired.wishes.emplace_back(AcceptWish{Hook::Forward, back,
                                           mark + "back-" + to_string(way.network),
                                           "answers to connections that servers opened"});
  }
}

struct Families {
  bool v4 = false;
  bool v6 = false;
};

/// Some packets of servers' own connections are withheld, because they look like answers:
/// fragments, and FTP's data. They are given back on lo, and go on from there.
void add_forwarding_from_lo(Desired& desired, const Host& host, const Families& families) {
  const char* const why = "what servers send themselves may come back to the kernel on lo";
  std::vector<SysctlWish> wishes;
  if (families.v4) wishes.push_back({conf_key("lo", "forwarding"), "1", {"1"}, why});
  if (families.v6) wishes.push_back({conf6_key("lo", "force_forwarding"), "1", {"1"}, why});
  add_derived(desired, host, std::move(wishes));
}

}  // namespace

void add_masquerade(Desired& desired, const Profile& profile, const Host& host,
                    const Abilities& can) {
  const bool v4 = has_nat(profile, host, Family::Ipv4);
  const bool v6 = has_nat(profile, host, Family::Ipv6);
  if (!v4 && !v6) return;
  const std::set<Way> ways = ways_of(profile, host);
  if (ways.empty())
    desired.notes.emplace_back(
        "no nat server is behind another NIC than the clients: nothing to masquerade");
  const bool masquerades = host.masquerade.value_or(true);
  if (masquerades)
    add_tables(desired, ways);
  else
    desired.notes.emplace_back("masquerade = false: servers' own connections leave as they are");
  const char* const why = "connections that servers open go by the director";
  if (v4) add_forwarding(desired, host, Family::Ipv4, can, why);
  if (v6) add_forwarding(desired, host, Family::Ipv6, can, why);
  add_forwarding_from_lo(desired, host, {v4, v6 && can.force_forwarding});
  add_accepts(desired, ways);
}

}  // namespace lvs::profiles
