#include "net/wire/addr_text.h"
#include "profiles/core/planning/planning.h"

namespace lvs::profiles {

void Planning::want(const StaticNeighbourWish& wish) {
  const auto mac = in_.snapshot.resolved.find(wish.owner);
  if (mac == in_.snapshot.resolved.end()) {
    // A director that is down does not make the entry wrong.
    for (const NeighbourFact& present : present_.neighbours)
      if (same_place(present, {wish.link, wish.addr, {}, false, 0}) &&
          owned(Add<NeighbourFact>{present}) != nullptr)
        return;
    plan_.conflicts.push_back("a permanent entry for " + to_string(wish.addr) +
                              " needs the MAC of " + to_string(wish.owner) +
                              ", which does not answer on " + wish.link);
    return;
  }
  want(ObjectWish<NeighbourFact>{
      NeighbourFact{wish.link, wish.addr, mac->second, false, kOurProtocol}, wish.why});
}

}  // namespace lvs::profiles
