#include "verify/io/rotation_run.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "net/linux/rtnetlink.h"
#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "verify/core/rotation.h"
#include "verify/core/targets.h"
#include "verify/io/greeting.h"
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

/// What is asked where, and from which address.
struct Question {
  Target target;
  std::optional<IpAddr> from;
  std::chrono::milliseconds deadline{};
  std::size_t number = 0;
};

Visit visit_page(const Question& question) {
  HttpAnswer answer = http_get({.to = question.target.vip,
                                .port = question.target.port,
                                .from = question.from,
                                .wanted_header = std::string{kServedBy},
                                .deadline = question.deadline});
  if (answer.failure.empty() && answer.status != 200)
    answer.failure = "status " + std::to_string(answer.status);
  return {.client = answer.local,
          .header_host = answer.header,
          .body_host = first_word(answer.body),
          .failure = answer.failure};
}

/// "220 NAME …": RFC 959, 5.4.
Visit visit_greeting(const Question& question) {
  const GreetingAnswer answer = read_greeting({.to = question.target.vip,
                                               .port = question.target.port,
                                               .from = question.from,
                                               .deadline = question.deadline});
  const bool is_ready = answer.line.rfind("220 ", 0) == 0;
  Visit visit{.client = answer.local,
              .header_host = {},
              .body_host = is_ready ? first_word(answer.line.substr(4)) : "",
              .failure = answer.failure,
              .is_page = false};
  if (visit.failure.empty() && !is_ready) visit.failure = "greeted with '" + answer.line + "'";
  return visit;
}

/// `used` are the ports of the questions before this one.
Visit visit_datagram(const Question& question, std::set<std::uint16_t>& used) {
  const UdpAnswer answer = ask_udp({.to = question.target.vip,
                                    .port = question.target.port,
                                    .from = question.from,
                                    .used = used,
                                    .text = "lvs-verify " + std::to_string(question.number + 1),
                                    .deadline = question.deadline});
  used.insert(answer.local.port.number);
  return {.client = answer.local,
          .header_host = {},
          .body_host = first_word(answer.text),
          .failure = answer.failure};
}

Visit visit(const Question& question, std::set<std::uint16_t>& used) {
  switch (question.target.asked) {
    case Asked::Greeting:
      return visit_greeting(question);
    case Asked::Datagram:
      return visit_datagram(question, used);
    case Asked::Page:
      break;
  }
  return visit_page(question);
}

/// Sources in turn; each asks at the first target before any asks at the second.
Question question_of(const std::vector<Target>& targets, const RotationOptions& options,
                     std::size_t number) {
  const std::size_t sources = std::max(options.from.size(), std::size_t{1});
  Question question{.target = targets[number / sources % targets.size()],
                    .from = {},
                    .deadline = options.deadline,
                    .number = number};
  if (!options.from.empty()) question.from = options.from[number % sources];
  return question;
}

/// SYNs and RSTs are enough to tell the servers, and few enough that none is lost beside a
/// download.
std::string capture_filter(const std::vector<Target>& targets) {
  std::string filter;
  for (const Target& target : targets) {
    const std::string endpoint =
        "host " + to_string(target.vip) + " and port " + std::to_string(target.port.number);
    filter += filter.empty() ? "(" : " or (";
    filter += target.protocol == Protocol::Udp
                  ? "udp and " + endpoint
                  : "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0 and " + endpoint;
    filter += ")";
  }
  return filter;
}

std::vector<WireService> on_wire(const std::vector<Target>& targets) {
  std::vector<WireService> services;
  for (const Target& target : targets)
    services.push_back({target.protocol, target.vip.v4(), target.port});
  return services;
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

Result<void> open_connections(const std::vector<Target>& targets, const RotationOptions& options,
                              Sniffer& sniffer, RotationEvidence& seen) {
  std::set<std::uint16_t> used;
  for (std::size_t i = 0; i < options.connections; ++i) {
    seen.visits.push_back(visit(question_of(targets, options, i), used));
    LVS_CHECK(sniffer.fetch());
  }
  const std::vector<WireService> wire = on_wire(targets);
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

/// Before anything was asked.
RotationEvidence evidence_of(const Service& service, const std::vector<Target>& targets) {
  RotationEvidence seen{.service = service.name,
                        .scheduler = service.entry->scheduler,
                        .tcp = targets.front().protocol == Protocol::Tcp,
                        .persistent = service.entry->persistence.has_value(),
                        .servers = {},
                        .visits = {},
                        .flows = {}};
  if (seen.persistent) seen.mask = service.entry->persistence->mask.value_or(seen.mask);
  return seen;
}

Result<std::vector<Check>> check_service(linux_net::RouteSocket& routes, const Profile& profile,
                                         const Service& service, const RotationOptions& options) {
  const Host* director = director_of(profile);
  if (director == nullptr) return std::vector{skipped(service, "the profile has no director")};
  const std::vector<Target> targets = targets_of(profile, service, options.ports);
  const bool can_be_asked = !targets.empty() && service.family() == Family::Ipv4;
  if (!can_be_asked)
    return std::vector{skipped(service, "only TCP and UDP over IPv4 to a VIP are judged")};
  const IpAddr vip = targets.front().vip;
  const auto facing = find_facing(routes, vip.v4());
  if (!facing) return std::vector{skipped(service, facing.error().what)};
  if (facing->vip_is_ours)
    return std::vector{skipped(service,
                               "the VIP is this host's own address: traffic from here is "
                               "not balanced")};
  LVS_TRY(ArpProber prober, ArpProber::open(*facing));
  LVS_TRY(const KnownHosts hosts, learn_hosts(prober, profile, *facing, vip.v4()));
  RotationEvidence seen = evidence_of(service, targets);
  const auto servers = profiles::servers_of(profile, service, *director);
  for (const profiles::Server& server : servers)
    seen.servers.push_back({server.name, server.weight});
  judge_macs(servers, *facing, hosts, seen);
  LVS_TRY(Sniffer sniffer, Sniffer::start({.nic = facing->nic, .filter = capture_filter(targets)}));
  LVS_CHECK(open_connections(targets, options, sniffer, seen));
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
  const std::vector<Service> services = all_services(profile);
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
