#include "profiles/host/explain.h"

#include <linux/if_addr.h>

#include <algorithm>
#include <map>
#include <set>

#include "net/linux/rtnetlink.h"
#include "profiles/core/vip_findings.h"
#include "profiles/io/managers.h"
#include "profiles/io/sysctl_files.h"

namespace lvs::host {
namespace {

/// Puts the sysctl file that an apply will write among those that are there: it is in effect then.
void foresee(std::vector<std::vector<profiles::SysctlFile>>& folders, const Examined& examined) {
  for (const profiles::PlannedStep& planned : examined.plan.steps) {
    const auto* made = std::get_if<profiles::Add<profiles::FileFact>>(&planned.step);
    if (made != nullptr && made->object.path.ends_with(".conf"))
      folders.insert(folders.begin(), {{made->object.path, made->object.content, false}});
  }
}

/// The other hosts of the profile and the gateways: whom this host talks to.
std::set<IpAddr> partners(const LoadedHost& loaded) {
  std::set<IpAddr> addresses(loaded.self->gateways.begin(), loaded.self->gateways.end());
  for (const profiles::Host& host : loaded.profile.hosts) {
    if (&host == loaded.self) continue;
    for (const profiles::Nic& nic : host.nics)
      for (const Prefix& address : nic.addresses) addresses.insert(address.addr);
  }
  return addresses;
}

std::vector<profiles::SourceChoice> choices(const LoadedHost& loaded) {
  std::vector<profiles::SourceChoice> found;
  auto route = linux_net::RouteSocket::open();
  if (!route) return found;
  for (const IpAddr& partner : partners(loaded)) {
    const auto way = route->route_to(partner);
    if (way && way->preferred_source) found.push_back({partner, *way->preferred_source});
  }
  return found;
}

/// IPv6 addresses whose duplicate detection runs or failed. One that may be used meanwhile
/// (optimistic) is in use.
std::vector<profiles::UnusableAddress> unusable_addresses() {
  std::vector<profiles::UnusableAddress> found;
  auto route = linux_net::RouteSocket::open();
  if (!route) return found;
  const auto links = route->links();
  const auto addresses = route->addresses();
  if (!links || !addresses) return found;
  std::map<LinkIndex, std::string> names;
  for (const linux_net::Link& link : *links) names[link.index] = link.name;
  for (const linux_net::Address& address : *addresses) {
    const bool failed = (address.flags & IFA_F_DADFAILED) != 0;
    const bool waits =
        (address.flags & IFA_F_TENTATIVE) != 0 && (address.flags & IFA_F_OPTIMISTIC) == 0;
    if (failed || waits)
      found.push_back({address.addr, address.prefix_len, names[address.link], failed});
  }
  return found;
}

/// Managers whose chains were seen in this namespace, beside those that were found by themselves.
void add_seen_chains(std::vector<profiles::FoundManager>& managers,
                     const profiles::Snapshot& snapshot) {
  using profiles::Manager;
  for (const Manager manager : {Manager::Firewalld, Manager::Ufw, Manager::Docker}) {
    const auto found = [&](const profiles::FoundManager& one) { return one.manager == manager; };
    if (std::any_of(managers.begin(), managers.end(), found)) continue;
    const auto owns = [&](const profiles::FirewallChain& chain) {
      return chain.manager == to_string(manager);
    };
    if (std::any_of(snapshot.firewall.begin(), snapshot.firewall.end(), owns))
      managers.push_back({manager, "its chains are here"});
  }
}

}  // namespace

Surroundings look_around(const LoadedHost& loaded, const Examined& examined) {
  auto folders = profiles::read_sysctl_files(loaded.boot.places.root);
  foresee(folders, examined);
  Surroundings around{lines_in_effect(folders), profiles::find_managers(loaded.boot.places.root)};
  add_seen_chains(around.managers, examined.snapshot);
  return around;
}

std::vector<std::string> warnings(const Surroundings& around, const Examined& examined) {
  std::vector<std::string> notes =
      clashes(examined.desired, examined.snapshot, around.sysctl_lines);
  for (std::string& note : advice(around.managers, examined.desired))
    notes.push_back(std::move(note));
  return notes;
}

std::vector<std::string> vip_problems(const LoadedHost& loaded, const Examined& examined) {
  auto problems = vip_findings(examined.desired, examined.snapshot, choices(loaded));
  for (std::string& finding :
       detection_findings(loaded.profile, *loaded.self, unusable_addresses()))
    problems.push_back(std::move(finding));
  return problems;
}

std::string blame(const Surroundings& around, const profiles::Step& step) {
  if (const auto* set = std::get_if<profiles::SetSysctl>(&step))
    return culprit(around.sysctl_lines, set->key, set->before);
  return suspect(around.managers, step);
}

}  // namespace lvs::host
