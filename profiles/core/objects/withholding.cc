#include "profiles/core/objects/withholding.h"

#include <algorithm>

#include "net/base/counted.h"
#include "net/base/joined.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::vector<IpAddr> servers_of(const Withholding& table) {
  std::vector<IpAddr> servers;
  for (const WithheldService& reply : table.replies) servers.push_back(reply.addr);
  std::sort(servers.begin(), servers.end());
  servers.erase(std::unique(servers.begin(), servers.end()), servers.end());
  return servers;
}

std::size_t rule_count(const Withholding& table) {
  constexpr std::size_t for_services = 2;
  constexpr std::size_t for_replies = 2;  // and one for each server
  std::size_t in_a_chain = 0;
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const auto is_of = [&](const WithheldService& service) {
      return service.addr.family() == family;
    };
    const auto is_service = std::any_of(table.services.begin(), table.services.end(), is_of);
    const auto is_reply = std::any_of(table.replies.begin(), table.replies.end(), is_of);
    in_a_chain += (is_service ? for_services : 0) + (is_reply ? for_replies : 0);
  }
  return (in_a_chain + servers_of(table).size()) * table.links.size();
}

std::string describe(const Withholding& table) {
  return "nft table netdev " + table.table + " (" + counted(table.services.size(), "service") +
         " to " + joined(table.fragments_to) +
         (table.replies.empty() ? "" : ", replies of " + counted(table.replies.size(), "server")) +
         " at ingress of " + joined(table.links) + ", " + counted(table.rules, "rule") + ")";
}

std::string identity(const Withholding& table) { return table.table; }

bool same_place(const Withholding& a, const Withholding& b) { return a.table == b.table; }

bool is_as_made(const Withholding& present, const Withholding& made) { return present == made; }

bool serves(const Withholding& present, const Withholding& wanted) { return present == wanted; }

}  // namespace lvs::profiles
