// What the director's kernel must not see: packets of the services, and what nat servers answer.

#include <algorithm>
#include <set>
#include <utility>

#include "profiles/core/derive.h"
#include "profiles/core/desired/director.h"
#include "profiles/core/desired/reach.h"
#include "profiles/core/desired/withheld.h"

namespace lvs::profiles {
namespace {

/// The NIC by which packets from this server come in: the one on its network, else, through a
/// router, the inside ones.
std::vector<const Nic*> nics_toward(const Host& host, const IpAddr& server) {
  if (const Nic* nic = nic_toward(host, server)) return {nic};
  std::vector<const Nic*> inside;
  for (const Nic& nic : host.nics)
    if (!nic.outside) inside.push_back(&nic);
  return inside;
}

bool has_nic(const Host& host, const std::string& name) {
  return std::any_of(host.nics.begin(), host.nics.end(),
                     [&](const Nic& nic) { return nic.name == name; });
}

/// The NICs by which packets with a mark come in, beside that of its VIP.
void add_marks_links(const Profile& profile, const Host& host, std::set<std::string>& links) {
  for (const Service& service : mark_services(profile))
    for (const MarkEntry* mark : marks_of(profile, service)) {
      if (has_nic(host, mark->interface)) links.insert(mark->interface);
      if (!mark->interface.empty() || mark->vip) continue;
      for (const Nic& nic : host.nics) links.insert(nic.name);
    }
}

/// The servers that are reached by nat.
std::set<IpAddr> nat_addresses(const Profile& profile, const Host& host) {
  std::set<IpAddr> addresses;
  for (const Service& service : services_to_forward(profile))
    for (const Server& server : nat_servers(profile, service, host))
      addresses.insert(server.address);
  return addresses;
}

/// A range at every link, or at its own, where this host has that.
void add_range(Withholding& table, WithheldRange range) {
  const std::string own = range.link;
  for (const std::string& link : table.links) {
    if (!own.empty() && own != link) continue;
    range.link = link;
    table.ranges.push_back(range);
  }
}

}  // namespace

std::vector<Service> services_to_forward(const Profile& profile) {
  std::vector<Service> services = expand(profile);
  for (Service& service : mark_services(profile)) services.push_back(std::move(service));
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
  for (const ServiceEntry& entry : profile.services)
    vips.insert(entry.vips.begin(), entry.vips.end());
  return {vips.begin(), vips.end()};
}

std::vector<std::string> withheld_links(const Profile& profile, const Host& host) {
  std::set<std::string> links;
  for (const IpAddr& vip : forwarded_vips(profile))
    if (const Nic* nic = nic_for(host, vip)) links.insert(nic->name);
  for (const IpAddr& server : nat_addresses(profile, host))
    for (const Nic* nic : nics_toward(host, server)) links.insert(nic->name);
  add_marks_links(profile, host, links);
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
  const Withheld withheld = withheld_by(profile, host);
  Withholding table;
  table.table = "lvskit_" + profile.name;
  table.comment = "lvskit:" + profile.name + ":withholding";
  table.services = {withheld.services.begin(), withheld.services.end()};
  table.fragments_to = forwarded_vips(profile);
  table.replies = {withheld.replies.begin(), withheld.replies.end()};
  table.links = withheld_links(profile, host);
  for (const WithheldRange& range : withheld.ranges) add_range(table, range);
  std::sort(table.ranges.begin(), table.ranges.end());
  if (asks_for_own(table)) table.own = own_addresses(profile, host);
  table.rules = rule_count(table);
  return table;
}

void add_withholding(Desired& desired, const Profile& profile, const Host& host) {
  Withholding table = withholding_of(profile, host);
  if (table.rules > 0)  // a service that no mark leads to has no packets
    desired.wishes.emplace_back(WithholdingWish{
        std::move(table), "the kernel must not answer for the services (RST, ICMP)"});
  for (std::string& note : notes_on_withheld(profile, host))
    desired.notes.push_back(std::move(note));
}

}  // namespace lvs::profiles
