#include "verify/io/rotation_run.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "net/linux/rtnetlink.h"
#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "verify/core/rotation.h"
#include "verify/io/http_client.h"
#include "verify/io/neighbourhood.h"
#include "verify/io/sniffer.h"
#include "verify/io/udp_probe.h"

namespace lvs::verify {
namespace {

using profiles::Host;
using profiles::Profile;
using profiles::Role;
using profiles::Service;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kServedBy = "X-Served-By";
constexpr std::chrono::milliseconds kLastFramesWithin{500};

Check skipped(const Service& service, const std::string& why) {
  return {.id = "rotation",
          .status = Status::Skip,
          .title = service.name + ": not judged from here",
          .host = {},
          .evidence = {},
          .why = why,
          .fix = "run this on a client of the VIP"};
}

std::string first_word(const std::string& text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return {};
  return text.substr(start, text.find_first_of(" \t\r\n", start) - start);
}

Visit visit_page(const Service& service, const RotationOptions& options, std::size_t number) {
  HttpRequest request{.to = service.vip,
                      .port = service.port,
                      .from = {},
                      .wanted_header = std::string{kServedBy},
                      .deadline = options.deadline};
  if (!options.from.empty()) request.from = options.from[number % options.from.size()];
  HttpAnswer answer = http_get(request);
  if (answer.failure.empty() && answer.status != 200)
    answer.failure = "status " + std::to_string(answer.status);
  return {.client = answer.local,
          .header_host = answer.header,
          .body_host = first_word(answer.body),
          .failure = answer.failure};
}

/// `used` are the ports of the questions before this one.
Visit visit_datagram(const Service& service, const RotationOptions& options, std::size_t number,
                     std::set<std::uint16_t>& used) {
  UdpQuestion question{.to = service.vip,
                       .port = service.port,
                       .from = {},
                       .used = used,
                       .text = "lvs-verify " + std::to_string(number + 1),
                       .deadline = options.deadline};
  if (!options.from.empty()) question.from = options.from[number % options.from.size()];
  const UdpAnswer answer = ask_udp(question);
  used.insert(answer.local.port.number);
  return {.client = answer.local,
          .header_host = {},
          .body_host = first_word(answer.text),
          .failure = answer.failure};
}

/// SYNs and RSTs are enough to tell the servers, and few enough that none is lost beside a
/// download.
std::string capture_filter(const Service& service) {
  const std::string endpoint =
      "host " + to_string(service.vip) + " and port " + std::to_string(service.port.number);
  if (service.protocol == Protocol::Udp) return "udp and " + endpoint;
  return "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0 and " + endpoint;
}

/// Every visit that had an answer was seen on the wire, with its reply.
bool all_seen(const RotationEvidence& seen, const std::vector<WireFlow>& flows) {
  return std::all_of(seen.visits.begin(), seen.visits.end(), [&flows](const Visit& visit) {
    return !visit.failure.empty() ||
           std::any_of(flows.begin(), flows.end(), [&visit](const WireFlow& flow) {
             return flow.client == visit.client && flow.reply_mac;
           });
  });
}

Result<void> open_connections(const Service& service, const RotationOptions& options,
                              Sniffer& sniffer, RotationEvidence& seen) {
  std::set<std::uint16_t> used;
  for (std::size_t i = 0; i < options.connections; ++i) {
    seen.visits.push_back(seen.tcp ? visit_page(service, options, i)
                                   : visit_datagram(service, options, i, used));
    LVS_CHECK(sniffer.fetch());
  }
  const WireService wire{service.protocol, service.vip.v4(), service.port};
  LVS_TRY(const bool complete, sniffer.fetch_until(
                                   [&](std::span<const Frame> frames) {
                                     return all_seen(seen, follow_flows(frames, wire));
                                   },
                                   Clock::now() + kLastFramesWithin));
  static_cast<void>(complete);  // what is missing is judged with the rest of the evidence
  seen.flows = follow_flows(sniffer.frames(), wire);
  LVS_TRY(seen.lost_frames, sniffer.lost());
  return {};
}

const Host* director_of(const Profile& profile) {
  const auto at = std::find_if(profile.hosts.begin(), profile.hosts.end(),
                               [](const Host& host) { return host.has(Role::Director); });
  return at == profile.hosts.end() ? nullptr : &*at;
}

/// Whether, and if not why, replies show which server they come from.
void judge_macs(const std::vector<profiles::Server>& servers, const Facing& facing,
                const KnownHosts& hosts, RotationEvidence& seen) {
  seen.macs_tell = false;
  if (facing.gateway) {
    seen.macs_why = "this host reaches the VIP over " + to_string(*facing.gateway) +
                    ", so every reply comes from the router";
    return;
  }
  for (const profiles::Server& server : servers) {
    if (server.method == profiles::Method::Nat && !server.local) {
      seen.macs_why = "replies of nat servers pass the director";
      return;
    }
    if (hosts.knows(server.name)) continue;
    seen.macs_why = server.name + " does not answer ARP on this LAN, so its address is not known";
    return;
  }
  seen.macs_tell = true;
}

Result<std::vector<Check>> check_service(linux_net::RouteSocket& routes, const Profile& profile,
                                         const Service& service, const RotationOptions& options) {
  const Host* director = director_of(profile);
  if (director == nullptr) return std::vector{skipped(service, "the profile has no director")};
  if (!service.vip.is_v4() || service.port.number == 0 ||
      (service.protocol != Protocol::Tcp && service.protocol != Protocol::Udp))
    return std::vector{skipped(service, "only TCP and UDP services on one IPv4 port are judged")};
  const auto facing = find_facing(routes, service.vip.v4());
  if (!facing) return std::vector{skipped(service, facing.error().what)};
  if (facing->vip_is_ours)
    return std::vector{skipped(service,
                               "the VIP is this host's own address: traffic from here is "
                               "not balanced")};
  LVS_TRY(ArpProber prober, ArpProber::open(*facing));
  LVS_TRY(const KnownHosts hosts, learn_hosts(prober, profile, *facing, service.vip.v4()));
  RotationEvidence seen{.service = service.name,
                        .scheduler = service.entry->scheduler,
                        .tcp = service.protocol == Protocol::Tcp,
                        .persistent = service.entry->persistence.has_value(),
                        .servers = {},
                        .visits = {},
                        .flows = {}};
  const auto servers = profiles::servers_of(profile, service, *director);
  for (const profiles::Server& server : servers)
    seen.servers.push_back({server.name, server.weight});
  judge_macs(servers, *facing, hosts, seen);
  LVS_TRY(Sniffer sniffer, Sniffer::start({.nic = facing->nic, .filter = capture_filter(service)}));
  LVS_CHECK(open_connections(service, options, sniffer, seen));
  return judge_rotation(seen, hosts);
}

std::string names_of(const std::vector<Service>& services) {
  std::string text;
  for (const Service& service : services) text += (text.empty() ? "" : ", ") + service.name;
  return text;
}

}  // namespace

Result<Report> run_rotation(const Profile& profile, const RotationOptions& options) {
  Report report{.command = "rotation", .profile = profile.name, .checks = {}};
  LVS_TRY(linux_net::RouteSocket routes, linux_net::RouteSocket::open());
  const std::vector<Service> services = profiles::expand(profile);
  bool found = !options.service;
  for (const Service& service : services) {
    if (options.service && *options.service != service.name) continue;
    found = true;
    LVS_TRY(std::vector<Check> checks, check_service(routes, profile, service, options));
    for (Check& check : checks) report.checks.push_back(std::move(check));
  }
  if (!found)
    return fail(
        "no service is named " + *options.service + "; the profile has " + names_of(services),
        EINVAL);
  return report;
}

}  // namespace lvs::verify
