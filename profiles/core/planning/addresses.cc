#include "net/wire/addr_text.h"
#include "profiles/core/planning/planning.h"

namespace lvs::profiles {

std::string Planning::label_for(const AddressWish& wish) const {
  if (!wish.addr.is_v4()) return "";
  for (const JournalEntry& entry : in_.ours) {
    const auto* made = std::get_if<AddAddress>(&entry.step);
    if (made != nullptr && made->object.link == wish.link && made->object.addr == wish.addr)
      return made->object.label;
  }
  const auto taken = [&](const std::string& label) {
    return std::any_of(present_.addresses.begin(), present_.addresses.end(),
                       [&](const AddressFact& fact) { return fact.label == label; });
  };
  // There are only as many labels in use as addresses, so one of the next numbers is free.
  std::size_t number = 0;
  while (taken(wish.link + ":" + std::to_string(number))) ++number;
  std::string label = wish.link + ":" + std::to_string(number);
  // The kernel refuses a longer one; without a label an address has its link's name there.
  return label.size() > kMaxLabel ? wish.link : label;
}

void Planning::want(const AddressWish& wish) {
  AddressFact wanted{wish.link, wish.addr,    wish.addr.bits(), wish.scope,
                     "",        kOurProtocol, wish.no_dad,      !wish.addr.is_v4()};
  for (const AddressFact& fact : present_.addresses) {
    if (fact.addr != wish.addr) continue;
    if (fact.link == wish.link && fact.prefix_len == wanted.prefix_len &&
        fact.scope == wish.scope) {
      share(AddAddress{fact}, wish.why);
      return;
    }
    plan_.conflicts.push_back(describe(fact) + " is there already, the profile wants " +
                              to_string(Prefix{wish.addr, wanted.prefix_len}) + " on " + wish.link +
                              " with scope " + scope_name(wish.scope));
    return;
  }
  wanted.label = label_for(wish);
  make(AddAddress{wanted}, wish.why);
}

}  // namespace lvs::profiles
