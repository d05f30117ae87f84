#include <algorithm>

#include "profiles/core/planning/planning.h"
#include "profiles/core/remedy.h"

namespace lvs::profiles {
namespace {

bool passes(const FirewallChain& chain, const AcceptWish& wish) {
  const NftFamily own = wish.match.family == Family::Ipv4 ? NftFamily::Ip : NftFamily::Ip6;
  return chain.hook == wish.hook && (chain.family == own || chain.family == NftFamily::Inet);
}

/// Our rule is in the chain, and something before it drops all the same.
std::string shadowed(const FirewallChain& chain, const ForeignRule& rule) {
  const std::string still = dropped_by(chain, rule.match, true);
  if (still.empty()) return "";
  return describe(rule) + " has no effect: " + still +
         "; move our rule to the head of the chain, or revert and apply again";
}

}  // namespace

void Planning::want(const AcceptWish& wish) {
  // A copy: what is made below is looked ahead at in present_.
  const std::vector<FirewallChain> chains = present_.firewall;
  for (const FirewallChain& chain : chains) {
    if (!passes(chain, wish)) continue;
    const std::string why = dropped_by(chain, wish.match, false);
    if (why.empty()) continue;
    FirewallChain told = chain;
    told.why = why;
    if (const std::string command = command_for(chain, wish.match); !command.empty()) {
      plan_.conflicts.push_back(describe(told) + ", and it is not ours to write to: " + command +
                                ", then apply again");
      continue;
    }
    const ForeignRule rule{chain.kind,  chain.family, chain.table,
                           chain.chain, wish.match,   wish.comment};
    const bool is_there = std::ranges::any_of(
        present_.foreign_rules, [&](const ForeignRule& other) { return serves(other, rule); });
    if (const std::string text = is_there ? shadowed(chain, rule) : ""; !text.empty())
      plan_.conflicts.push_back(text);
    std::string reason = wish.why + "; " + describe(told);
    if (const std::string advice = advice_for(chain, wish.match); !advice.empty())
      reason += "; " + advice;
    want(ObjectWish<ForeignRule>{rule, reason});
  }
}

}  // namespace lvs::profiles
