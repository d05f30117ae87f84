#include "profiles/core/objects/nft_table.h"

#include "net/base/joined.h"
#include "net/base/overload.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::string to_string(NftFamily family) {
  if (family == NftFamily::Ip) return "ip";
  if (family == NftFamily::Arp) return "arp";
  if (family == NftFamily::Netdev) return "netdev";
  return family == NftFamily::Ip6 ? "ip6" : "inet";
}

std::string describe(const OwnRule& rule) {
  return std::visit(
      Overload{
          [](const MasqueradeRule& r) {
            return "masquerade " + lvs::to_string(r.source) + " out by " + r.out_link;
          },
          [](const AcceptRule& r) { return to_string(r.hook) + ": accept " + describe(r.match); },
          [](const ArpDropRequest& r) { return "drop who-has " + lvs::to_string(r.vip); },
          [](const ArpRewriteSender& r) {
            return "own ARP requests on " + r.out_link + " from " + lvs::to_string(r.vip) +
                   " are sent from " + lvs::to_string(r.rip);
          },
          [](const ArpDropReply& r) { return "drop replies that claim " + lvs::to_string(r.vip); },
          [](const UnknownRule& r) { return "not ours: " + r.text; },
      },
      rule);
}

std::string describe(const OwnTable& table) {
  std::vector<std::string> rules;
  for (const OwnRule& rule : table.rules) rules.push_back(describe(rule));
  return "nft table " + identity(table) + " (" + joined(rules, "; ") + ")";
}

std::string identity(const OwnTable& table) { return to_string(table.family) + " " + table.name; }

bool same_place(const OwnTable& a, const OwnTable& b) {
  return a.family == b.family && a.name == b.name;
}

bool is_as_made(const OwnTable& present, const OwnTable& made) { return present == made; }

bool serves(const OwnTable& present, const OwnTable& wanted) { return present == wanted; }

}  // namespace lvs::profiles
