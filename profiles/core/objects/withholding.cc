#include "profiles/core/objects/withholding.h"

#include <algorithm>

#include "net/base/counted.h"
#include "net/base/joined.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::vector<IpAddr> servers_of(const Withholding& table) {
  std::vector<IpAddr> servers;
  for (const WithheldService& reply : table.replies) servers.push_back(reply.addr);
  for (const WithheldRange& range : table.ranges)
    if (range.is_reply && range.source) servers.push_back(range.source->addr);
  std::sort(servers.begin(), servers.end());
  servers.erase(std::unique(servers.begin(), servers.end()), servers.end());
  return servers;
}

bool asks_for_own(const Withholding& table) {
  return !table.replies.empty() ||
         std::any_of(table.ranges.begin(), table.ranges.end(),
                     [](const WithheldRange& range) { return !range.addr; });
}

std::size_t rule_count(const Withholding& table) {
  const std::vector<IpAddr> servers = servers_of(table);
  std::size_t in_a_chain = servers.size();
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const auto is_of = [&](const WithheldService& each) { return each.addr.family() == family; };
    const auto is_in = [&](const IpAddr& each) { return each.family() == family; };
    // One rule for each set of this family.
    if (std::any_of(table.services.begin(), table.services.end(), is_of)) ++in_a_chain;
    if (std::any_of(table.fragments_to.begin(), table.fragments_to.end(), is_in)) ++in_a_chain;
    if (std::any_of(table.replies.begin(), table.replies.end(), is_of)) ++in_a_chain;
    if (std::any_of(servers.begin(), servers.end(), is_in)) ++in_a_chain;
  }
  return in_a_chain * table.links.size() + table.ranges.size();
}

std::string describe(const WithheldRange& range) {
  std::string text = range.protocol ? to_string(*range.protocol) : "fragments";
  if (range.source) text += " from " + to_string(*range.source);
  if (range.addr) text += " to " + to_string(*range.addr);
  if (!range.protocol) return text;
  if (!range.addr && !range.is_reply) text += " to others";
  return text + " ports " + std::to_string(range.first.number) + "-" +
         std::to_string(range.last.number);
}

std::string describe(const Withholding& table) {
  return "nft table netdev " + table.table + " (" + counted(table.services.size(), "service") +
         " to " + joined(table.fragments_to) +
         (table.replies.empty() ? "" : ", replies of " + counted(table.replies.size(), "server")) +
         (table.ranges.empty() ? "" : ", " + counted(table.ranges.size(), "range")) +
         " at ingress of " + joined(table.links) + ", " + counted(table.rules, "rule") + ")";
}

std::string identity(const Withholding& table) { return table.table; }

bool same_place(const Withholding& a, const Withholding& b) { return a.table == b.table; }

bool is_as_made(const Withholding& present, const Withholding& made) { return present == made; }

bool serves(const Withholding& present, const Withholding& wanted) { return present == wanted; }

}  // namespace lvs::profiles
