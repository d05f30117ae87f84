#include "verify/lab/lab_judgement.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <utility>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "verify/io/report_json.h"
#include "verify/lab/host_parts.h"

namespace lvs::verify {
namespace {

using profiles::Profile;
using profiles::Role;
using Words = LabPrograms::Words;

constexpr std::chrono::minutes kChecksWithin{5};

/// The LANs on which a director has the VIP.
std::vector<std::size_t> lans_of_vip(const Topology& topology, const Profile& profile,
                                     const IpAddr& vip) {
  std::vector<std::size_t> lans;
  for (const profiles::Host& director : profile.hosts) {
    const profiles::Nic* nic =
        director.has(Role::Director) ? profiles::nic_for(director, vip) : nullptr;
    const LabHost* built = nic == nullptr ? nullptr : topology.host(director.name);
    if (built == nullptr) continue;
    for (const LabNic& theirs : built->nics)
      if (theirs.name == nic->name) lans.push_back(theirs.lan);
  }
  return lans;
}

bool is_on_one_of(const LabHost& host, const std::vector<std::size_t>& lans) {
  return std::any_of(host.nics.begin(), host.nics.end(), [&lans](const LabNic& nic) {
    return std::find(lans.begin(), lans.end(), nic.lan) != lans.end();
  });
}

bool sees_vip(const LabJudge& judge, const LabHost& host) {
  for (const profiles::ServiceEntry& entry : judge.profile.services)
    for (const IpAddr& vip : entry.vips)
      if (is_on_one_of(host, lans_of_vip(judge.topology, judge.profile, vip))) return true;
  return false;
}

/// The host from which a VIP can be asked for: a client, else a router; with `on_lan` one in the
/// VIP's own network, if there is any.
std::string vantage(const LabJudge& judge, bool on_lan) {
  std::string client;
  for (const Role role : {Role::Client, Role::Router}) {
    for (const LabHost& host : judge.topology.hosts) {
      if (!host.has(role)) continue;
      if (client.empty()) client = host.name;
      if (!on_lan || sees_vip(judge, host)) return host.name;
    }
  }
  return client;
}

/// What each server's own settings are, so that the diagnosis can tell why a server answers ARP: a
/// file each. A host that cannot be looked at is judged by the wire alone.
std::vector<std::string> look_at_servers(const LabJudge& judge) {
  const LabPrograms& programs = judge.programs;
  std::vector<std::string> files;
  for (const profiles::Host& host : judge.profile.hosts) {
    if (!host.has(Role::RealServer) || host.has(Role::Director)) continue;
    const auto finished = programs.run_on(
        host.name, {programs.self(), "arp-state", programs.profile(), "--host", host.name});
    if (!finished || finished->exit_code != 0) continue;
    files.push_back(programs.file("arp-state-" + host.name + ".json"));
    std::ofstream{files.back()} << finished->out;
  }
  return files;
}

/// Runs a check of ours on a host; its checks, or one that says why there are none.
std::vector<Check> collect(const LabPrograms& programs, const std::string& what,
                           const std::string& host, const Words& command) {
  programs.tell(host + ": lvs-verify " + what);
  const auto finished = programs.run_on(host, command, kChecksWithin);
  Check failed = make_check(what, Status::Fail, what + " could not be judged");
  if (!finished) {
    failed.evidence.push_back(finished.error().what);
    return {std::move(failed)};
  }
  const auto json = parse_json(finished->out);
  auto read = json ? report_from_json(*json) : Result<Report>{tl::unexpected(json.error())};
  if (read) return std::move(read->checks);
  failed.evidence.push_back(read.error().what + "\n" + finished->err);
  return {std::move(failed)};
}

std::vector<Check> judge_owner(const LabJudge& judge) {
  Words owner{judge.programs.self(), "owner", judge.programs.profile(), "--json"};
  for (const std::string& state : look_at_servers(judge))
    owner.insert(owner.end(), {"--host-state", state});
  return collect(judge.programs, "owner", vantage(judge, true), owner);
}

/// The addresses of a client's first NIC: to a persistent service each is a client. One alone needs
/// no choice.
std::vector<std::string> addresses_of(const LabJudge& judge, const std::string& client) {
  const LabHost* host = judge.topology.host(client);
  if (host == nullptr || host->nics.empty()) return {};
  std::vector<std::string> addresses;
  for (const Prefix& own : host->nics.front().addresses)
    if (own.addr.is_v4()) addresses.push_back(to_string(own.addr));
  return addresses.size() > 1 ? addresses : std::vector<std::string>{};
}

std::vector<Check> judge_rotation(const LabJudge& judge, std::size_t connections) {
  if (const std::string what = not_forwarded(judge.profile); !what.empty()) {
    Check skipped = make_check("rotation", Status::Skip, "no connection was made to any service");
    skipped.why = "the director of this version does not forward " + what;
    return {std::move(skipped)};
  }
  const std::string client = vantage(judge, false);
  Words command{judge.programs.self(),       "rotation", judge.programs.profile(), "--connections",
                std::to_string(connections), "--json"};
  for (const std::string& address : addresses_of(judge, client))
    command.insert(command.end(), {"--from", address});
  return collect(judge.programs, "rotation", client, command);
}

}  // namespace

std::vector<Check> judge_lab(const LabJudge& judge, std::size_t connections) {
  std::vector<Check> checks = judge_owner(judge);
  for (Check& check : judge_rotation(judge, connections)) checks.push_back(std::move(check));
  return checks;
}

}  // namespace lvs::verify
