#include "profiles/core/objects/withholding.h"

#include <algorithm>

#include "net/base/counted.h"
#include "net/base/joined.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::size_t rule_count(const Withholding& table) {
  std::size_t in_a_chain = 0;
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const auto is_of = [&](const WithheldService& service) {
      return service.addr.family() == family;
    };
    if (std::any_of(table.services.begin(), table.services.end(), is_of)) in_a_chain += 2;
    if (std::any_of(table.replies.begin(), table.replies.end(), is_of)) in_a_chain += 1;
  }
  return in_a_chain * table.links.size();
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
