#include "verify/core/stickiness.h"

#include <algorithm>
#include <map>
#include <utility>

#include "net/wire/addr_text.h"

namespace lvs::verify {
namespace {

/// Each client with its server, in the order of their first connections.
struct Client {
  Prefix network{};
  std::string host;
};

struct Following {
  std::vector<Client> clients;
  std::vector<std::string> moves;  ///< connections that went elsewhere than the client's first
};

Following follow(const RotationEvidence& seen, const std::vector<Served>& served) {
  Following following;
  for (const Served& one : served) {
    const std::uint8_t mask = std::min(seen.mask, one.client.addr.bits());
    const Prefix network = Prefix{one.client.addr, mask}.network();
    const auto known =
        std::find_if(following.clients.begin(), following.clients.end(),
                     [&](const Client& client) { return client.network == network; });
    if (known == following.clients.end())
      following.clients.push_back({network, one.host});
    else if (known->host != one.host)
      following.moves.push_back("the connection from " + to_string(one.client) + " went to " +
                                one.host + ", this client's first one to " + known->host);
  }
  return following;
}

Check make(const RotationEvidence& seen, Status status, const std::string& what) {
  Check check;
  check.id = "rotation.order";
  check.status = status;
  check.title = seen.service + ": " + what;
  return check;
}

std::string count_of(std::size_t clients) {
  return std::to_string(clients) + (clients == 1 ? " client" : " clients");
}

Check moved(const RotationEvidence& seen, const Following& following) {
  constexpr std::size_t most_lines = 5;
  Check check = make(seen, Status::Fail,
                     std::to_string(following.moves.size()) +
                         " connections left the server that their client is tied to");
  for (std::size_t i = 0; i < std::min(most_lines, following.moves.size()); ++i)
    check.evidence.push_back(following.moves[i]);
  check.why =
      "the director does not keep clients on their server: persistence is off there, its "
      "time is shorter than the pause between two connections, or the server was taken "
      "out of service";
  check.fix = "compare lvs-director list with the profile's persistence";
  return check;
}

bool is_server(const RotationEvidence& seen, const std::string& host) {
  return std::any_of(seen.servers.begin(), seen.servers.end(),
                     [&](const Turn& turn) { return turn.name == host && turn.weight > 0; });
}

Check strange(const RotationEvidence& seen, const std::string& host) {
  Check check = make(seen, Status::Fail, "served by " + host + ", which is no server of it");
  check.why = "a host answers that the profile does not list for this service";
  return check;
}

}  // namespace

Check judge_stickiness(const RotationEvidence& seen, const std::vector<Served>& served) {
  if (served.empty()) {
    Check check = make(seen, Status::Skip, "no connection was answered, no order to judge");
    check.why = "see rotation.answers";
    return check;
  }
  const Following following = follow(seen, served);
  Names first;
  for (const Client& client : following.clients) {
    if (!is_server(seen, client.host)) return strange(seen, client.host);
    first.push_back(client.host);
  }
  if (!following.moves.empty()) return moved(seen, following);
  const std::string stays = count_of(first.size()) + ", each on one server";
  const Names cycle = round_robin_cycle(seen.servers);
  if (seen.scheduler != "rr" || first.size() < 2) {
    Check check = make(seen, Status::Pass, stays);
    check.evidence = {"first connections " + compact(first)};
    if (first.size() < 2) check.why = "how new clients are spread needs several: --from ADDR,ADDR";
    return check;
  }
  const bool spreads = judge_order(cycle, first).fault == OrderFault::None;
  Check check = make(
      seen, spreads ? Status::Pass : Status::Fail,
      spreads ? stays + ", new ones in rr order" : "new clients are not given servers in rr order");
  std::string expected;
  for (const std::string& name : cycle) expected += (expected.empty() ? "" : " ") + name;
  check.evidence = {"expected " + expected + ", beginning anywhere", "seen     " + compact(first)};
  if (spreads) return check;
  check.why =
      "the director has another scheduler than the profile's, servers out of service, or "
      "templates of these clients from before";
  check.fix = "compare lvs-director list with the profile";
  return check;
}

}  // namespace lvs::verify
