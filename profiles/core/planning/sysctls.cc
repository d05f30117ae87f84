#include "net/base/sysctl_name.h"
#include "profiles/core/planning/planning.h"
#include "profiles/core/undo.h"

namespace lvs::profiles {

std::vector<std::string> Planning::agreed(const std::string& key,
                                          const std::vector<std::string>& accepted) {
  std::vector<std::string> values = accepted;
  for (const Journal& other : in_.others) {
    const auto wants = other.wants().find(key);
    if (wants == other.wants().end()) continue;
    std::vector<std::string> both;
    for (const std::string& value : values)
      if (is_accepted(wants->second, value)) both.push_back(value);
    if (both.empty()) {
      plan_.contradictions.push_back("profile " + in_.desired.profile + " wants " + dotted(key) +
                                     " = " + list_of(accepted) + ", but profile " +
                                     other.header().profile + ", which is applied here, wants " +
                                     list_of(wants->second));
    }
    values = std::move(both);
  }
  return values;
}

void Planning::set_sysctl(const std::string& key, const std::string& value,
                          const std::string& why) {
  const std::string present = *present_.sysctl(key);
  SetSysctl step{key, value, present, present};
  for (const JournalEntry* entry : {owned_by_others(step), owned(step)})
    if (entry != nullptr) step.original = std::get<SetSysctl>(entry->step).original;
  make(step, why);
}

void Planning::want(const SysctlWish& wish) {
  const std::vector<std::string> values = agreed(wish.key, wish.accepted);
  if (values.empty()) return;
  plan_.wants[wish.key] = wish.accepted;
  const std::string* present = present_.sysctl(wish.key);
  if (present == nullptr) {
    plan_.conflicts.push_back("this kernel has no sysctl " + dotted(wish.key));
    return;
  }
  if (!is_accepted(values, *present)) {
    set_sysctl(wish.key, is_accepted(values, wish.value) ? wish.value : values.front(), wish.why);
    return;
  }
  SetSysctl step{wish.key, *present, *present, *present};
  const JournalEntry* other = owned_by_others(step);
  if (other == nullptr || owned(step) != nullptr) return;
  step.original = std::get<SetSysctl>(other->step).original;
  share(step, wish.why);
}

void Planning::want(const EffectiveWish& wish) {
  const std::string key = conf_key(wish.rule.link, wish.rule.setting);
  const std::optional<std::string> effective = effective_value(wish.rule, present_);
  if (effective && is_accepted(wish.rule.accepted, *effective)) {
    SetSysctl step{key, *present_.sysctl(key), *present_.sysctl(key), ""};
    const JournalEntry* other = wish.repairs.empty() ? nullptr : owned_by_others(step);
    if (other == nullptr || owned(step) != nullptr) return;
    step.original = std::get<SetSysctl>(other->step).original;
    share(step, wish.rule.why);
    return;
  }
  for (const std::string& value : wish.repairs) {
    Snapshot tried = present_;
    tried.sysctls[key] = value;
    const std::optional<std::string> then = effective_value(wish.rule, tried);
    if (!then || !is_accepted(wish.rule.accepted, *then)) continue;
    const std::vector<std::string> values = agreed(key, {value});
    if (values.empty()) return;
    set_sysctl(key, value, wish.rule.why + "; " + describe(wish.rule, present_));
    return;
  }
  plan_.conflicts.push_back(describe(wish.rule, present_) + ": " + wish.rule.why);
}

/// True when the link's own value is wanted as it is: here, or by another profile on this host.
bool Planning::is_wanted_so(const std::string& link, const std::string& setting) const {
  const std::string key = conf_key(link, setting);
  const auto is_lowered = [&](const Wish& wish) {
    const auto* lower = std::get_if<LowerWish>(&wish);
    return lower != nullptr && lower->setting == setting && lower->link == link;
  };
  return plan_.wants.contains(key) ||
         std::any_of(in_.desired.wishes.begin(), in_.desired.wishes.end(), is_lowered) ||
         std::any_of(in_.others.begin(), in_.others.end(),
                     [&](const Journal& other) { return other.wants().contains(key); });
}

void Planning::keep_what_all_said(const LowerWish& wish, const std::string& link,
                                  const std::string& ruling) {
  const std::string key = conf_key(link, wish.setting);
  const std::string* own = present_.sysctl(key);
  if (own == nullptr || is_wanted_so(link, wish.setting)) return;
  // One digit each: text compares as the numbers do.
  if (*own < ruling)
    return set_sysctl(key, ruling, "keeps here what `all` said, which must become 0");
  // Another profile of ours lowered `all` before and wrote this; it must stay as long as `all`.
  SetSysctl step{key, *own, *own, *own};
  const JournalEntry* other = owned_by_others(step);
  if (other == nullptr || owned(step) != nullptr) return;
  step.original = std::get<SetSysctl>(other->step).original;
  share(step, wish.why);
}

/// `default` must keep what `all` said as well, or a link that is made later would be without the
/// filter that the host's owner asked for. But a write to `default` reaches further: the kernel
/// copies it into every link whose own value nobody ever wrote (devinet_copy_dflt_conf in
/// net/ipv4/devinet.c). Which those are cannot be read, only that theirs is what `default` is. So
/// the links that must stay low are written first, with the value that they have.
void Planning::keep_for_later_links(const LowerWish& wish, const std::string& ruling) {
  const std::string* before = present_.sysctl(conf_key("default", wish.setting));
  if (before != nullptr && *before < ruling) {
    const std::string low = *before;
    for (const std::string& link : present_.links) {
      const std::string key = conf_key(link, wish.setting);
      const std::string* own = present_.sysctl(key);
      if (own == nullptr || *own != low || !is_wanted_so(link, wish.setting)) continue;
      set_sysctl(key, low, "so that the write to `default` does not change it");
    }
  }
  keep_what_all_said(wish, "default", ruling);
}

void Planning::want(const LowerWish& wish) {
  const std::string all = conf_key("all", wish.setting);
  const std::string* present = present_.sysctl(all);
  if (present == nullptr) {
    plan_.conflicts.push_back("this kernel has no sysctl " + dotted(all));
    return;
  }
  const std::string ruling = *present;
  want(SysctlWish{conf_key(wish.link, wish.setting), "0", {"0"}, wish.why});
  for (const std::string& link : present_.links) keep_what_all_said(wish, link, ruling);
  keep_for_later_links(wish, ruling);
  want(SysctlWish{
      all, "0", {"0"}, wish.why + " (the kernel takes the larger of `all` and its own)"});
}

void Planning::want(const Forward6Wish& wish) {
  if (!present_.forwardings.empty())
    return share(Add<Forward6Fact>{present_.forwardings.front()}, wish.why);
  Forward6Fact forwarding;
  for (const auto& [key, value] : present_.sysctls)
    if (key.starts_with("net/ipv6/conf/") && key.ends_with("/forwarding"))
      forwarding.before[key] = value;
  make(Add<Forward6Fact>{forwarding}, wish.why);
}

}  // namespace lvs::profiles
