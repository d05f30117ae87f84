// Forwarding on a host's NICs. Never ip_forward: it rewrites `forwarding` and accept_redirects of
// every interface, and its way back would overwrite what others have set.

#include <algorithm>

#include "profiles/core/desired/parts.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {
namespace {

std::vector<std::string> links_of(const Host& host, Family family) {
  std::vector<std::string> links;
  for (const Nic& nic : host.nics)
    if (first_address(nic, family)) links.push_back(nic.name);
  return links;
}

bool has_forward6(const Desired& desired) {
  return std::any_of(desired.wishes.begin(), desired.wishes.end(),
                     [](const Wish& wish) { return std::holds_alternative<Forward6Wish>(wish); });
}

}  // namespace

std::string conf6_key(const std::string& link, const std::string& setting) {
  return "net/ipv6/conf/" + link + "/" + setting;
}

void add_forwarding(Desired& desired, const Host& host, Family family, const Abilities& can,
                    const std::string& why) {
  std::vector<SysctlWish> wishes;
  for (const std::string& link : links_of(host, family)) {
    const std::string key =
        family == Family::Ipv4 ? conf_key(link, "forwarding") : conf6_key(link, "force_forwarding");
    wishes.push_back({key, "1", {"1"}, why});
  }
  if (family == Family::Ipv4 || can.force_forwarding)
    return add_derived(desired, host, std::move(wishes));
  if (wishes.empty() || has_forward6(desired)) return;
  desired.wishes.emplace_back(Forward6Wish{why});
  desired.notes.emplace_back(
      "IPv6 forwarding goes on for the whole host, because this kernel has no force_forwarding per "
      "interface: interfaces whose accept_ra is not 2 then ignore router advertisements");
}

void add_no_redirects(Desired& desired, const Host& host, const std::vector<std::string>& links,
                      const std::string& why) {
  std::vector<std::string> places{"all"};
  places.insert(places.end(), links.begin(), links.end());
  std::vector<SysctlWish> wishes;
  wishes.reserve(places.size());
  // OR-ed by the kernel: turning it off needs both zero (measured).
  for (const std::string& place : places)
    wishes.push_back({conf_key(place, "send_redirects"), "0", {"0"}, why});
  add_derived(desired, host, std::move(wishes));
  for (const std::string& link : links)
    add_checked(desired, {link, "send_redirects", Combine::Or, {"0"}, why}, {});
}

}  // namespace lvs::profiles
