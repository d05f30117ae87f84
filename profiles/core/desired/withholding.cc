// What the director's kernel must not see: packets of the services, and what nat servers answer.

#include <algorithm>
#include <set>

#include "profiles/core/derive.h"
#include "profiles/core/desired/director.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {
namespace {

/// Of the servers that this host reaches by nat: protocol, RIP and real port.
std::set<WithheldService> withheld_replies(const Profile& profile, const Host& host) {
  std::set<WithheldService> replies;
  for (const Service& service : services_to_forward(profile))
    for (const Server& server : nat_servers(profile, service, host))
      replies.insert({service.protocol, server.address, server.port});
  return replies;
}

/// The NIC by which packets from this server come in: the one on its network, else, through a
/// router, the inside ones.
std::vector<const Nic*> nics_toward(const Host& host, const IpAddr& server) {
  if (const Nic* nic = nic_toward(host, server)) return {nic};
  std::vector<const Nic*> inside;
  for (const Nic& nic : host.nics)
    if (!nic.outside) inside.push_back(&nic);
  return inside;
}

}  // namespace

std::vector<Service> services_to_forward(const Profile& profile) {
  std::vector<Service> services = expand(profile);
  // A set of protocol, VIP and port cannot say "every port".
  std::erase_if(services, [](const Service& service) { return service.port.number == 0; });
  return services;
}

std::vector<Server> nat_servers(const Profile& profile, const Service& service, const Host& host) {
  std::vector<Server> servers = servers_of(profile, service, host);
  std::erase_if(servers,
                [](const Server& server) { return server.local || server.method != Method::Nat; });
  return servers;
}

std::vector<IpAddr> forwarded_vips(const Profile& profile) {
  std::set<IpAddr> vips;
  for (const Service& service : services_to_forward(profile)) vips.insert(service.vip);
  return {vips.begin(), vips.end()};
}

std::vector<std::string> withheld_links(const Profile& profile, const Host& host) {
  std::set<std::string> links;
  for (const IpAddr& vip : forwarded_vips(profile))
    if (const Nic* nic = nic_for(host, vip)) links.insert(nic->name);
  for (const WithheldService& reply : withheld_replies(profile, host))
    for (const Nic* nic : nics_toward(host, reply.addr)) links.insert(nic->name);
  for (const std::string& link : link_names(host)) {
    const std::vector<std::string>& said = profile.engine.nics;
    if (std::find(said.begin(), said.end(), link) != said.end()) links.insert(link);
  }
  return {links.begin(), links.end()};
}

/// What is meant for the host itself is never withheld.
std::vector<IpAddr> own_addresses(const Profile& profile, const Host& host) {
  const std::vector<IpAddr> vips = forwarded_vips(profile);
  std::set<IpAddr> own(vips.begin(), vips.end());
  for (const Nic& nic : host.nics)
    for (const Prefix& address : nic.addresses) own.insert(address.addr);
  return {own.begin(), own.end()};
}

Withholding withholding_of(const Profile& profile, const Host& host) {
  std::set<WithheldService> services;
  for (const Service& service : services_to_forward(profile))
    services.insert({service.protocol, service.vip, service.port});
  const std::set<WithheldService> replies = withheld_replies(profile, host);
  Withholding table;
  table.table = "lvskit_" + profile.name;
  table.comment = "lvskit:" + profile.name + ":withholding";
  table.services = {services.begin(), services.end()};
  table.fragments_to = forwarded_vips(profile);
  table.replies = {replies.begin(), replies.end()};
  if (!replies.empty()) table.own = own_addresses(profile, host);
  table.links = withheld_links(profile, host);
  table.rules = rule_count(table);
  return table;
}

void add_withholding(Desired& desired, const Profile& profile, const Host& host) {
  desired.wishes.emplace_back(WithholdingWish{
      withholding_of(profile, host), "the kernel must not answer for the services (RST, ICMP)"});
}

}  // namespace lvs::profiles
