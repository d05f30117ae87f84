#include "verify/io/owner_run.h"

#include <set>
#include <utility>
#include <vector>

#include "net/linux/rtnetlink.h"
#include "net/wire/addr_text.h"
#include "verify/io/arp_prober.h"
#include "verify/io/neighbourhood.h"

namespace lvs::verify {
namespace {

using profiles::Host;
using profiles::Profile;
using profiles::Role;

Check skipped(const std::string& title, const std::string& why, const std::string& fix) {
  return {.id = "owner",
          .status = Status::Skip,
          .title = title,
          .host = {},
          .evidence = {},
          .why = why,
          .fix = fix};
}

std::set<IpAddr> all_vips(const Profile& profile) {
  std::set<IpAddr> vips;
  for (const auto& service : profile.services)
    vips.insert(service.vips.begin(), service.vips.end());
  return vips;
}

void add_expectations(const Profile& profile, const OwnerOptions& options, OwnerEvidence& seen) {
  for (const Host& host : profile.hosts) {
    if (host.has(Role::Director)) seen.directors.push_back(host.name);
    seen.allowed_macs.insert(seen.allowed_macs.end(), host.allowed_macs.begin(),
                             host.allowed_macs.end());
  }
  seen.states = options.states;
}

Result<std::vector<Check>> check_vip(linux_net::RouteSocket& routes, const Profile& profile,
                                     Ipv4Addr vip, const OwnerOptions& options) {
  const std::string name = to_string(vip);
  const auto facing = find_facing(routes, vip);
  if (!facing)
    return std::vector{skipped(name + " cannot be reached from here", facing.error().what,
                               "run this on a client or router of the VIP's network")};
  if (facing->vip_is_ours)
    return std::vector{skipped(name + " is this host's own address", "a host cannot ask itself",
                               "run this on a client or router of the VIP's network")};
  if (facing->gateway)
    return std::vector{skipped(name + " lies behind " + to_string(*facing->gateway),
                               "ARP does not pass a router",
                               "run this on that router or on another host of the VIP's network")};
  LVS_TRY(ArpProber prober, ArpProber::open(*facing));
  LVS_TRY(const KnownHosts hosts, learn_hosts(prober, profile, *facing, vip));
  LVS_TRY(OwnerEvidence seen, watch_owner(prober, vip, options.window));
  add_expectations(profile, options, seen);
  return judge_owner(seen, hosts);
}

}  // namespace

Result<Report> run_owner(const Profile& profile, const OwnerOptions& options) {
  Report report{.command = "owner", .profile = profile.name, .checks = {}};
  LVS_TRY(linux_net::RouteSocket routes, linux_net::RouteSocket::open());
  for (const IpAddr& vip : all_vips(profile)) {
    if (!vip.is_v4()) {
      report.checks.push_back(skipped(to_string(vip) + " is IPv6",
                                      "neighbour discovery is not judged by this version", ""));
      continue;
    }
    LVS_TRY(std::vector<Check> checks, check_vip(routes, profile, vip.v4(), options));
    for (Check& check : checks) report.checks.push_back(std::move(check));
  }
  return report;
}

}  // namespace lvs::verify
