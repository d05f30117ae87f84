#include "verify/core/owner_rules.h"

#include <algorithm>

namespace lvs::verify {
namespace {

bool is_server(const Claimant& c) { return c.who && c.who->has(profiles::Role::RealServer); }
bool is_director(const Claimant& c) { return c.who && c.who->has(profiles::Role::Director); }
bool is_router(const Claimant& c) { return c.who && c.who->has(profiles::Role::Router); }
bool answers(const Claimant& c) { return c.replies() > 0; }
bool silent_value(int value) { return value == 1 || value == 2; }

bool vip_is_on_nic(const Claimant& c) {
  return is_server(c) && answers(c) && c.state && c.state->vip_on_nic;
}
bool only_lo_is_set(const Claimant& c) {
  return is_server(c) && answers(c) && c.state && silent_value(c.state->ignore_lo) &&
         c.state->ignore_all == 0 && c.state->ignore_nic == 0;
}
// The kernel uses the larger of `all` and the NIC's own (ip-sysctl, arp_ignore), so a NIC value of
// 3 or more defeats all=1.
bool nic_defeats_all(const Claimant& c) {
  return is_server(c) && answers(c) && c.state && silent_value(c.state->ignore_all) &&
         std::max(c.state->ignore_all, c.state->ignore_nic) > 2;
}
bool server_answers(const Claimant& c) { return is_server(c) && answers(c); }
bool server_asks_as_vip(const Claimant& c) { return is_server(c) && c.requests > 0; }
bool announces(const Claimant& c) { return !answers(c) && c.announcements > 0; }
bool second_director(const Claimant& c) { return is_director(c) && answers(c); }
bool router_answers(const Claimant& c) { return is_router(c) && answers(c); }
bool anybody(const Claimant&) { return true; }

constexpr std::string_view kServerFix =
    "on {host}: lvs-realserver apply PROFILE\n"
    "or by hand on {host}: sysctl -w net.ipv4.conf.all.arp_ignore=1 "
    "net.ipv4.conf.all.arp_announce=2\n"
    "then on the director announce the VIP again, so that caches that learned {mac} are corrected";

constexpr ClaimRule kRules[] = {
    {"F11", Severity::Fault, vip_is_on_nic,
     "{host}, a real server, answers ARP for {vip}: the VIP is on its network interface",
     "an address of the NIC that receives the request is answered with arp_ignore=1 too; on a real "
     "server the VIP belongs on lo",
     "on {host}: remove {vip} from the NIC, then lvs-realserver apply PROFILE (which puts it on "
     "lo)"},
    {"F02", Severity::Fault, only_lo_is_set,
     "{host}, a real server, answers ARP for {vip}: arp_ignore is set on lo only",
     "arp_ignore is read from the interface that receives the request and from `all`, never from "
     "lo",
     kServerFix},
    {"F03", Severity::Fault, nic_defeats_all,
     "{host}, a real server, answers ARP for {vip}: its NIC's arp_ignore defeats that of `all`",
     "the larger of the two values counts, and values above 2 do not keep a VIP on lo silent",
     "on {host}: set arp_ignore of the NIC to 0, 1 or 2, then lvs-realserver check PROFILE"},
    {"F01", Severity::Fault, server_answers, "{host}, a real server, answers ARP for {vip}",
     "clients that hear {host} first send everything to it, past the director: balancing stops for "
     "them. Usually arp_ignore is 0 on the NIC and on `all` (set on lo it has no effect), or the "
     "VIP "
     "is on the NIC and not on lo",
     kServerFix},
    {"F05", Severity::Fault, server_asks_as_vip,
     "{host}, a real server, asks for other addresses with {vip} as sender",
     "whoever hears such a request puts the VIP at {mac} into its ARP cache; it comes back each "
     "time "
     "{host} renews its gateway's entry. arp_announce of the sending NIC is below 2",
     "on {host}: lvs-realserver apply PROFILE\n"
     "or by hand on {host}: sysctl -w net.ipv4.conf.all.arp_announce=2"},
    {"F07", Severity::Fault, announces, "{host} announces {vip} as its own",
     "a gratuitous ARP overwrites the caches of all hosts of the LAN at once",
     "stop the program on {host} that announces {vip}, then announce it again on the director"},
    {"F65", Severity::Fault, second_director, "a second director, {host}, answers ARP for {vip}",
     "two directors own the VIP at the same time, so each client's traffic goes to whichever it "
     "heard last",
     "unless {host} is taking over: end lvs-director on {host} and remove {vip} from its NIC"},
    {"owner.proxy", Severity::Fault, router_answers, "{host}, a router, answers ARP for {vip}",
     "the router answers for addresses that lie behind another of its interfaces (proxy ARP)",
     "if this is meant: add allowed_macs = [\"{mac}\"] to host {host} in the profile; else switch "
     "proxy_arp off on {host}"},
    {"F06", Severity::Fault, anybody, "{host} also claims {vip}",
     "a host outside of the profile has the same address: connections go to it or break",
     "find the switch port of {mac} and remove {vip} from that host; if it is a proxy or a virtual "
     "MAC, "
     "list it in allowed_macs"},
};

}  // namespace

std::span<const ClaimRule> claim_rules() { return kRules; }

const ClaimRule& diagnose(const Claimant& claimant) {
  const auto* const at =
      std::find_if(std::begin(kRules), std::end(kRules),
                   [&claimant](const ClaimRule& rule) { return rule.holds(claimant); });
  return *at;
}

}  // namespace lvs::verify
