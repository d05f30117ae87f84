// What lvs-realserver sets up: the host's part in each method that it serves by, and what routers
// and clients need.

#include <algorithm>

#include "profiles/core/derive.h"
#include "profiles/core/desired/parts.h"
#include "profiles/core/desired/reach.h"

namespace lvs::profiles {
namespace {

void desire_silent_server(Desired& desired, const Profile& profile, const Host& host,
                          const Abilities& can) {
  const std::vector<Seat> by_dr = seats_of(profile, host, Method::Dr);
  const std::vector<Seat> by_tun = seats_of(profile, host, Method::Tun);
  std::vector<Seat> silent = by_dr;
  silent.insert(silent.end(), by_tun.begin(), by_tun.end());
  if (silent.empty()) return;
  add_silence(desired, host, vips_of(silent));
  add_vips_on_lo(desired, host, vips_of(by_dr));
  if (!by_tun.empty()) desire_tunnel_end(desired, profile, host, can);
  add_silence_probes(desired, host, vips_of(silent));
  if (!seats_of(profile, host, Method::Nat).empty())
    desired.notes.push_back("host " + host.name +
                            " serves by nat too, so all that it sends goes by the director, which "
                            "drops answers from a VIP that it owns: let clients of dr and tun be "
                            "on a network of this host");
}

/// Packets with a mark may be for any address, which only this host's own set-up can take.
void note_marks_without_vip(Desired& desired, const Profile& profile, const Host& host) {
  for (const Service& service : mark_services(profile)) {
    const auto serves_it = [&](const ServerEntry& server) {
      return server.host == host.name &&
             server.method.value_or(service.entry->method) != Method::Nat;
    };
    const std::vector<ServerEntry>& servers = service.entry->servers;
    const std::vector<const MarkEntry*> marks = marks_of(profile, service);
    const bool is_any =
        std::any_of(marks.begin(), marks.end(), [](const MarkEntry* mark) { return !mark->vip; });
    if (is_any && std::any_of(servers.begin(), servers.end(), serves_it))
      desired.notes.push_back("service " + service.name +
                              " has packets for addresses that this profile does not name: that "
                              "this host takes or forwards them is not set up here");
  }
}

}  // namespace

void desire_realserver(Desired& desired, const Profile& profile, const Host& host,
                       const Abilities& can) {
  if (host.has(Role::Director)) {
    desired.notes.push_back("host " + host.name +
                            " is a director, which owns the VIP: as a server of its own services "
                            "(local) it needs no VIP on lo and no ARP settings");
    return;
  }
  desire_silent_server(desired, profile, host, can);
  note_marks_without_vip(desired, profile, host);
  desire_nat_server(desired, profile, host);
  if (host.has(Role::Router)) desire_router(desired, profile, host, can);
  if (host.arp == ArpStyle::Static) desire_static_neighbours(desired, profile, host);
  if (!desired.wishes.empty() || !desired.refusals.empty() || !desired.lacking.empty()) return;
  desired.notes.push_back("nothing is to be set up on host " + host.name +
                          ": it serves no service of this profile and is no router");
}

}  // namespace lvs::profiles
