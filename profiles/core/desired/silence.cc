// A real server of dr or tun owns the VIP and must not say so: the router would send every request
// straight to whoever answered its who-has first. So silence comes before the address and leaves
// after it. By sysctl what counts is the combined value on the NIC that receives the request
// (arp_ignore) or sends one (arp_announce); `lo` has no effect on either and is set because every
// published recipe does. With `arp = "nft"` an arp table of ours does it, as arptables did, and no
// sysctl is touched. Neighbour discovery never answers for an address on lo or a tunnel (measured),
// so IPv6 needs no silence, only its proof.

#include "profiles/core/desired/parts.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {
namespace {

constexpr const char* kAnnounceWhy = "own ARP requests must not carry the VIP as their sender";
constexpr const char* kIgnoreWhy = "who-has for the VIP must stay unanswered here";

std::vector<SysctlWish> arp_sysctls(const Host& host) {
  std::vector<std::string> places{"all"};
  for (const std::string& link : link_names(host)) places.push_back(link);
  places.emplace_back("lo");
  std::vector<SysctlWish> wishes;
  wishes.reserve(2 * places.size());
  // 1 is not enough when the VIP lies in the NIC's own subnet (measured).
  for (const std::string& place : places)
    wishes.push_back({conf_key(place, "arp_announce"), "2", {"2"}, kAnnounceWhy});
  // A higher number is not stricter: 3 answers for a VIP of global scope, 4 to 7 answer always,
  // 8 silences the host's own address (measured).
  for (const std::string& place : places)
    wishes.push_back({conf_key(place, "arp_ignore"), "1", {"1", "2"}, kIgnoreWhy});
  return wishes;
}

void add_sysctl_silence(Desired& desired, const Host& host) {
  add_derived(desired, host, arp_sysctls(host));
  for (const std::string& link : link_names(host)) {
    const EffectiveRule announce{link, "arp_announce", Combine::Max, {"2"}, kAnnounceWhy};
    const EffectiveRule ignore{link, "arp_ignore", Combine::Max, {"1", "2"}, kIgnoreWhy};
    for (const EffectiveRule& rule : {announce, ignore}) add_checked(desired, rule, {});
  }
}

void add_nft_silence(Desired& desired, const Host& host, const std::vector<IpAddr>& vips) {
  OwnTable table = own_table(desired, NftFamily::Arp, "arp");
  for (const IpAddr& vip : vips) table.rules.emplace_back(ArpDropRequest{vip.v4()});
  // A request that is dropped would cut the host off, so its sender is changed instead.
  for (const IpAddr& vip : vips)
    for (const Nic& nic : host.nics)
      if (const auto rip = first_address(nic, Family::Ipv4))
        table.rules.emplace_back(ArpRewriteSender{vip.v4(), rip->v4(), nic.name});
  for (const IpAddr& vip : vips) table.rules.emplace_back(ArpDropReply{vip.v4()});
  desired.wishes.emplace_back(
      ObjectWish<OwnTable>{table, "ARP must neither ask with the VIP nor answer for it"});
}

}  // namespace

void add_silence(Desired& desired, const Host& host, const std::vector<IpAddr>& vips) {
  const std::vector<IpAddr> v4 = of_family(vips, Family::Ipv4);
  if (v4.empty()) return;
  if (host.arp == ArpStyle::Nft)
    add_nft_silence(desired, host, v4);
  else
    add_sysctl_silence(desired, host);
}

void add_silence_probes(Desired& desired, const Host& host, const std::vector<IpAddr>& vips) {
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const std::vector<IpAddr> asked = of_family(vips, family);
    if (asked.empty()) continue;
    for (const Nic& nic : host.nics)
      if (const auto own = first_address(nic, family))
        desired.wishes.emplace_back(ProofWish{ArpProbe{nic.name, *own, asked},
                                              "proof that this host does not claim the VIP"});
  }
}

}  // namespace lvs::profiles
