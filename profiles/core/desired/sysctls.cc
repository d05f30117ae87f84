// Sysctls as wishes: what the roles derive, and what the host's own `sysctl` table says instead.

#include <algorithm>

#include "net/base/sysctl_name.h"
#include "profiles/core/desired/parts.h"

namespace lvs::profiles {
namespace {

bool has_wish(const Desired& desired, const std::string& key) {
  return std::any_of(desired.wishes.begin(), desired.wishes.end(), [&](const Wish& wish) {
    const auto* sysctl = std::get_if<SysctlWish>(&wish);
    return sysctl != nullptr && sysctl->key == key;
  });
}

constexpr const char* kSaidWhy = "the profile's sysctl table says so";

}  // namespace

void add_derived(Desired& desired, const Host& host, std::vector<SysctlWish> derived) {
  for (SysctlWish& wish : derived) {
    if (has_wish(desired, wish.key)) continue;
    if (const auto said = host.sysctl.find(wish.key); said != host.sysctl.end()) {
      desired.notes.push_back(dotted(wish.key) + " = " + said->second +
                              ": the profile overrides the derived " + wish.value);
      wish.value = said->second;
      wish.accepted = {said->second};
      wish.why = kSaidWhy;
    }
    desired.wishes.emplace_back(std::move(wish));
  }
}

void add_said_sysctls(Desired& desired, const Host& host) {
  if (desired.wishes.empty()) return;
  std::vector<Wish> said;
  for (const auto& [key, value] : host.sysctl)
    if (!has_wish(desired, key)) said.emplace_back(SysctlWish{key, value, {value}, kSaidWhy});
  const auto first_address =
      std::find_if(desired.wishes.begin(), desired.wishes.end(),
                   [](const Wish& wish) { return std::holds_alternative<AddressWish>(wish); });
  desired.wishes.insert(first_address, said.begin(), said.end());
}

void add_checked(Desired& desired, const EffectiveRule& rule, std::vector<std::string> repairs) {
  desired.wishes.emplace_back(EffectiveWish{rule, std::move(repairs)});
  desired.wishes.emplace_back(ProofWish{ReadBackEffective{rule}, rule.why});
}

void add_open_lo(Desired& desired, const std::string& why) {
  add_checked(desired, {"lo", "rp_filter", Combine::Max, {"0", "2"}, why}, {"0", "2"});
}

}  // namespace lvs::profiles
