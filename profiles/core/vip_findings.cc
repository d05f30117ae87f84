#include "profiles/core/vip_findings.h"

#include <set>

#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

std::set<IpAddr> vips_of(const Desired& desired) {
  std::set<IpAddr> vips;
  for (const Wish& wish : desired.wishes)
    if (const auto* address = std::get_if<AddressWish>(&wish)) vips.insert(address->addr);
  return vips;
}

std::string wrong_prefix(const AddressFact& fact) {
  const std::string network = to_string(Prefix{fact.addr, fact.prefix_len}.network());
  const std::string what = "VIP " + to_string(fact.addr) + " is on " + fact.link + " as /" +
                           std::to_string(fact.prefix_len) + ": ";
  if (fact.link == "lo") {
    return what + "all of " + network +
           " is local then, and this host is deaf to every neighbour there; it must be /" +
           std::to_string(fact.addr.bits());
  }
  return what + "it brings a route to all of " + network + " with it; it must be /" +
         std::to_string(fact.addr.bits());
}

/// What keeps a kernel from sending from an address that it has (RFC 6724, rule 3, for IPv6).
std::string way_out(const IpAddr& vip) {
  return vip.is_v4() ? "scope host" : "preferred lifetime 0 (`preferred_lft 0`)";
}

std::string not_in_use(const UnusableAddress& unusable, const Host& self) {
  const std::string vip = to_string(unusable.addr);
  const std::string what =
      "VIP " + vip + " is on " + unusable.link + " of " + self.name + ", but not in use: ";
  if (!unusable.failed) {
    return what +
           "its duplicate address detection has not ended (tentative), and until then the kernel "
           "takes no packet for it; look again in a few seconds, and if it stays so, see that " +
           unusable.link + " has a carrier";
  }
  // The director's VIP is made without detection; the host's own address is not made at all.
  const std::string back = self.owns(unusable.addr) ? "add it again" : "apply again";
  return what + "its duplicate address detection failed (dadfailed), because another host on the " +
         "network of " + unusable.link + " has this address, and the kernel takes no packet for " +
         "it; take it from the other host, then `ip -6 address delete " + vip + "/" +
         std::to_string(unusable.prefix_len) + " dev " + unusable.link + "` here and " + back;
}

}  // namespace

std::vector<std::string> vip_findings(const Desired& desired, const Snapshot& now,
                                      const std::vector<SourceChoice>& sources) {
  const std::set<IpAddr> vips = vips_of(desired);
  std::vector<std::string> findings;
  for (const AddressFact& fact : now.addresses)
    if (vips.contains(fact.addr) && fact.prefix_len != fact.addr.bits())
      findings.push_back(wrong_prefix(fact));
  // One sentence a VIP: the destinations are only examples.
  std::set<IpAddr> told;
  for (const SourceChoice& choice : sources) {
    if (!vips.contains(choice.source) || !told.insert(choice.source).second) continue;
    findings.push_back("what this host itself sends to " + to_string(choice.destination) +
                       " leaves with the VIP " + to_string(choice.source) +
                       " as its source, and the answers do not find back; " +
                       way_out(choice.source) + " on the VIP, or `src` on the route, prevents it");
  }
  return findings;
}

std::vector<std::string> detection_findings(const Profile& profile, const Host& self,
                                            const std::vector<UnusableAddress>& unusable) {
  std::set<IpAddr> vips;
  for (const ServiceEntry& entry : profile.services)
    vips.insert(entry.vips.begin(), entry.vips.end());
  std::vector<std::string> findings;
  for (const UnusableAddress& one : unusable)
    if (vips.contains(one.addr)) findings.push_back(not_in_use(one, self));
  return findings;
}

}  // namespace lvs::profiles
