#include "verify/core/rotation.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "net/wire/addr_text.h"
#include "verify/core/stickiness.h"

namespace lvs::verify {
namespace {

constexpr std::size_t kMostLines = 5;

Check make_check(std::string_view id, Status status, std::string title) {
  return {.id = std::string{id},
          .status = status,
          .title = std::move(title),
          .host = {},
          .evidence = {},
          .why = {},
          .fix = {}};
}

const WireFlow* flow_of(const RotationEvidence& seen, const Visit& visit) {
  const auto at =
      std::find_if(seen.flows.begin(), seen.flows.end(),
                   [&visit](const WireFlow& flow) { return flow.client == visit.client; });
  return at == seen.flows.end() ? nullptr : &*at;
}

/// The server by the wire alone; empty: it cannot be told.
std::string host_on_wire(const WireFlow& flow, const KnownHosts& hosts) {
  if (!flow.reply_mac) return {};
  const KnownMac* known = hosts.find(*flow.reply_mac);
  return known == nullptr ? to_string(*flow.reply_mac) : known->host;
}

/// Puts at most kMostLines lines into the evidence and says how many more there were.
void add_lines(Check& check, const std::vector<std::string>& lines) {
  const std::size_t shown = std::min(lines.size(), kMostLines);
  check.evidence.insert(check.evidence.end(), lines.begin(),
                        lines.begin() + static_cast<std::ptrdiff_t>(shown));
  if (lines.size() > shown)
    check.evidence.push_back("and " + std::to_string(lines.size() - shown) + " more");
}

std::string numbered(std::size_t index, const Visit& visit) {
  return "connection " + std::to_string(index + 1) + " from " + to_string(visit.client);
}

Check judge_answers(const RotationEvidence& seen) {
  std::vector<std::string> failures;
  for (std::size_t i = 0; i < seen.visits.size(); ++i)
    if (!seen.visits[i].failure.empty())
      failures.push_back(numbered(i, seen.visits[i]) + ": " + seen.visits[i].failure);
  const std::string all = std::to_string(seen.visits.size());
  if (failures.empty() && !seen.visits.empty())
    return make_check("rotation.answers", Status::Pass,
                      seen.service + ": all " + all + " connections were answered");
  Check check = make_check("rotation.answers", Status::Fail,
                           seen.service + ": " + std::to_string(failures.size()) + " of " + all +
                               " connections were not answered");
  add_lines(check, failures);
  check.why =
      "a server that does not answer lacks the VIP, does not listen on it, or is cut off; when "
      "none "
      "answers, the director does not forward";
  check.fix =
      "lvs-director list shows each server and its next hop; lvs-realserver check PROFILE on "
      "the server whose turn it was";
  return check;
}

unsigned retransmits(const RotationEvidence& seen) {
  unsigned total = 0;
  for (const WireFlow& flow : seen.flows) total += flow.retransmits;
  return total;
}

std::string flow_count_line(const RotationEvidence& seen) {
  const unsigned again = retransmits(seen);
  std::string line = std::to_string(seen.flows.size()) +
                     (seen.tcp ? " SYNs with distinct sequence numbers" : " datagrams") +
                     " on the wire";
  if (again > 0) line += ", " + std::to_string(again) + " retransmitted (not counted again)";
  return line;
}

/// The capture must have seen what we opened, in that order, or it cannot be used as a witness.
Check judge_wire(const RotationEvidence& seen) {
  std::vector<std::string> gaps;
  std::size_t last = 0;
  for (std::size_t i = 0; i < seen.visits.size(); ++i) {
    const WireFlow* flow = flow_of(seen, seen.visits[i]);
    if (flow == nullptr) {
      gaps.push_back(numbered(i, seen.visits[i]) + ": not seen on the wire");
      continue;
    }
    const auto position = static_cast<std::size_t>(flow - seen.flows.data());
    if (position < last) gaps.push_back(numbered(i, seen.visits[i]) + ": out of order on the wire");
    last = std::max(last, position);
  }
  if (gaps.empty() && seen.macs_tell) {
    Check check = make_check("rotation.wire", Status::Pass,
                             seen.service + ": every connection was seen on the wire, in order");
    check.evidence = {flow_count_line(seen)};
    return check;
  }
  if (gaps.empty()) {
    Check check = make_check("rotation.wire", Status::Skip,
                             seen.service + ": Ethernet addresses cannot tell the servers apart");
    check.evidence = {flow_count_line(seen)};
    check.why = seen.macs_why + "; the judgement rests on body and header";
    return check;
  }
  Check check = make_check("rotation.wire", Status::Fail,
                           seen.service + ": the capture and the connections do not match");
  check.evidence = {flow_count_line(seen)};
  if (seen.lost_frames > 0)
    check.evidence.push_back(std::to_string(seen.lost_frames) + " frames were lost by the capture");
  add_lines(check, gaps);
  check.why = "connections left by another NIC, or the capture lost frames";
  check.fix = "look at the route to the VIP (ip route get VIP) and repeat with fewer connections";
  return check;
}

/// What the witnesses of one connection say, when they do not say the same; empty: they agree.
std::string contradiction(const RotationEvidence& seen, const Visit& visit,
                          const KnownHosts& hosts) {
  if (!visit.failure.empty()) return {};
  const WireFlow* flow = seen.macs_tell ? flow_of(seen, visit) : nullptr;
  const std::string wire = flow == nullptr ? std::string{} : host_on_wire(*flow, hosts);
  const bool header_differs = seen.tcp && visit.is_page && visit.header_host != visit.body_host;
  const bool wire_differs = !wire.empty() && wire != visit.body_host;
  const bool wire_is_mute = flow != nullptr && wire.empty();
  if (!header_differs && !wire_differs && !wire_is_mute) return {};
  std::string text = "body says '" + visit.body_host + "'";
  if (seen.tcp) text += ", header says '" + visit.header_host + "'";
  if (seen.macs_tell)
    text += flow != nullptr && flow->reply_mac
                ? ", the reply came from " + hosts.describe(*flow->reply_mac)
                : ", no reply was seen on the wire";
  return text;
}

Check judge_agreement(const RotationEvidence& seen, const KnownHosts& hosts) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < seen.visits.size(); ++i)
    if (const std::string text = contradiction(seen, seen.visits[i], hosts); !text.empty())
      lines.push_back(numbered(i, seen.visits[i]) + ": " + text);
  std::string witnesses = seen.tcp ? "body and header" : "body";
  if (seen.macs_tell) witnesses = "reply's Ethernet address, " + witnesses;
  if (lines.empty())
    return make_check("rotation.agree", Status::Pass,
                      seen.service + ": " + witnesses + " name the same server each time");
  Check check = make_check("rotation.agree", Status::Fail,
                           seen.service + ": the witnesses of " + std::to_string(lines.size()) +
                               " connections disagree");
  add_lines(check, lines);
  check.why =
      "the page comes from one server and the frames from another: a proxy or a second balancer "
      "stands between, or a server's page carries another's name";
  check.fix =
      "give each server a page and a header X-Served-By with its own name, and look for a "
      "proxy on the host whose Ethernet address answered";
  return check;
}

/// Who served the answered connections, in the order on the wire where it can be known.
Names seen_order(const RotationEvidence& seen, const KnownHosts& hosts) {
  Names order;
  if (seen.macs_tell) {
    for (const WireFlow& flow : seen.flows)
      if (flow.reply_mac) order.push_back(host_on_wire(flow, hosts));
    return order;
  }
  for (const Visit& visit : seen.visits)
    if (visit.failure.empty()) order.push_back(visit.body_host);
  return order;
}

/// The same with each one's client.
std::vector<Served> seen_clients(const RotationEvidence& seen, const KnownHosts& hosts) {
  std::vector<Served> served;
  for (const Visit& visit : seen.visits) {
    if (!visit.failure.empty()) continue;
    const WireFlow* flow = seen.macs_tell ? flow_of(seen, visit) : nullptr;
    const std::string wire = flow == nullptr ? std::string{} : host_on_wire(*flow, hosts);
    served.push_back({visit.client, wire.empty() ? visit.body_host : wire});
  }
  return served;
}

std::string fault_text(const OrderVerdict& verdict) {
  const std::string place = "connection " + std::to_string(verdict.at + 1);
  switch (verdict.fault) {
    case OrderFault::None:
      return {};
    case OrderFault::Stuck:
      return "every connection went to " + verdict.seen;
    case OrderFault::Stranger:
      return place + " was served by " + verdict.seen + ", which is no server of the service";
    case OrderFault::Repeated:
      return place + " went to " + verdict.seen + " again, expected " + verdict.expected;
    case OrderFault::Skipped:
      return place + " went to " + verdict.seen + ", expected " + verdict.expected;
  }
  return {};
}

std::string_view fault_why(OrderFault fault) {
  switch (fault) {
    case OrderFault::None:
      return "";
    case OrderFault::Stuck:
      return "the director does not rotate: another scheduler than the profile's, persistence "
             "(F56), "
             "all other servers out of service, or clients reach one server past the director "
             "(F01)";
    case OrderFault::Stranger:
      return "a host answers that the profile does not list for this service: an old server list "
             "in "
             "the director, or another host has the VIP (F06)";
    case OrderFault::Repeated:
    case OrderFault::Skipped:
      return "the scheduler left the cycle: a server was out of service for a moment, another "
             "client connected in between, or the director's order differs from the profile's";
  }
  return "";
}

/// For schedulers whose order is not fixed by the list: only who served is judged.
Check judge_members(const RotationEvidence& seen, const Names& order) {
  const Names cycle = round_robin_cycle(seen.servers);
  const std::set<std::string> known(cycle.begin(), cycle.end());
  std::map<std::string, std::size_t> share;
  for (const std::string& name : order) ++share[name];
  std::string text;
  Status status = Status::Pass;
  for (const auto& [name, connections] : share) {
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(connections);
    if (!known.contains(name)) status = Status::Fail;
  }
  const std::string reason = "scheduler " + seen.scheduler;
  Check check = make_check("rotation.order", status,
                           seen.service + ": served by " + (text.empty() ? "nobody" : text) + " (" +
                               reason + ": only membership is judged)");
  if (order.empty()) check.status = Status::Skip;
  if (status == Status::Fail) check.why = fault_why(OrderFault::Stranger);
  return check;
}

Check judge_rr(const RotationEvidence& seen, const Names& order) {
  const Names cycle = round_robin_cycle(seen.servers);
  const OrderVerdict verdict = judge_order(cycle, order);
  if (order.empty()) {
    Check check = make_check("rotation.order", Status::Skip,
                             seen.service + ": no connection was answered, no order to judge");
    check.why = "see rotation.answers";
    return check;
  }
  std::string expected;
  for (const std::string& name : cycle) expected += (expected.empty() ? "" : " ") + name;
  Check check =
      make_check("rotation.order", verdict.fault == OrderFault::None ? Status::Pass : Status::Fail,
                 seen.service + ": " +
                     (verdict.fault == OrderFault::None ? "connections rotate in rr order"
                                                        : fault_text(verdict)));
  check.evidence = {"expected " + expected + ", beginning anywhere", "seen     " + compact(order)};
  if (verdict.fault == OrderFault::None) return check;
  check.why = fault_why(verdict.fault);
  check.fix =
      "compare lvs-director list with the profile; then repeat while no other client connects";
  return check;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  const std::string addr = lvs::to_string(endpoint.addr);
  const std::string port = std::to_string(endpoint.port.number);
  return endpoint.addr.is_v4() ? addr + ":" + port : "[" + addr + "]:" + port;
}

std::vector<Check> judge_rotation(const RotationEvidence& seen, const KnownHosts& hosts) {
  std::vector<Check> checks{judge_answers(seen), judge_wire(seen), judge_agreement(seen, hosts)};
  const Names order = seen_order(seen, hosts);
  if (seen.persistent)
    checks.push_back(judge_stickiness(seen, seen_clients(seen, hosts)));
  else
    checks.push_back(seen.scheduler == "rr" ? judge_rr(seen, order) : judge_members(seen, order));
  return checks;
}

}  // namespace lvs::verify
