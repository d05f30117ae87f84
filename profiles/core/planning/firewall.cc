#include "profiles/core/planning/planning.h"
#include "profiles/core/remedy.h"

namespace lvs::profiles {
namespace {

bool passes(const FirewallChain& chain, const AcceptWish& wish) {
  const NftFamily own = wish.match.family == Family::Ipv4 ? NftFamily::Ip : NftFamily::Ip6;
  return chain.hook == wish.hook && (chain.family == own || chain.family == NftFamily::Inet);
}

}  // namespace

void Planning::want(const AcceptWish& wish) {
  // A copy: what is made below is looked ahead at in present_.
  const std::vector<FirewallChain> chains = present_.firewall;
  for (const FirewallChain& chain : chains) {
    if (!chain.drops || !passes(chain, wish)) continue;
    if (const std::string command = command_for(chain, wish.match); !command.empty()) {
      plan_.conflicts.push_back(describe(chain) + ", and it is not ours to write to: run `" +
                                command + "`, then apply again");
      continue;
    }
    want(ObjectWish<ForeignRule>{
        ForeignRule{chain.kind, chain.family, chain.table, chain.chain, wish.match, wish.comment},
        wish.why + "; " + describe(chain)});
  }
}

}  // namespace lvs::profiles
