#include "profiles/core/planner.h"

#include <algorithm>
#include <set>

#include "net/base/overload.h"
#include "net/base/sysctl_name.h"
#include "net/wire/addr_text.h"
#include "profiles/core/undo.h"

namespace lvs::profiles {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// True when this entry is what the wish asks for (present on the host or not).
bool serves(const Wish& wish, const Step& made) {
  const auto sysctl = [&](const std::string& key) {
    const auto* set = std::get_if<SetSysctl>(&made);
    return set != nullptr && set->key == key;
  };
  return std::visit(
      Overload{
          [&](const SysctlWish& w) { return sysctl(w.key); },
          [&](const EffectiveWish& w) {
            return !w.repairs.empty() && sysctl(conf_key(w.rule.link, w.rule.setting));
          },
          [&](const AddressWish& w) {
            const auto* add = std::get_if<AddAddress>(&made);
            return add != nullptr && add->address.link == w.link && add->address.addr == w.addr &&
                   add->address.prefix_len == w.addr.bits() && add->address.scope == w.scope;
          },
          [&](const RouteWish& w) {
            const auto* add = std::get_if<AddRoute>(&made);
            return add != nullptr && add->route == w.route;
          },
          [&](const WithholdingWish& w) {
            const auto* add = std::get_if<AddWithholding>(&made);
            return add != nullptr && add->table.table == w.table.table;
          },
          [](const ProofWish&) { return false; },
      },
      wish);
}

class Planner {
 public:
  explicit Planner(const PlanInput& input)
      : in_(input), present_(input.snapshot), next_number_(input.next_number) {}

  Plan run() {
    look_for_facts();
    if (!plan_.missing_links.empty()) return plan_;
    drop_what_is_unwanted();
    for (const Wish& wish : in_.desired.wishes)
      std::visit([this](const auto& w) { want(w); }, wish);
    if (!plan_.changes()) {
      // Nothing was done, so there is nothing to prove.
      std::erase_if(plan_.steps, [](const PlannedStep& planned) { return planned.number == 0; });
    }
    return plan_;
  }

 private:
  void look_for_facts();
  void drop_what_is_unwanted();
  void want(const SysctlWish& wish);
  void want(const EffectiveWish& wish);
  void want(const AddressWish& wish);
  void want(const RouteWish& wish);
  void want(const WithholdingWish& wish);
  void want(const ProofWish& wish) { plan_.steps.push_back({wish.step, wish.why}); }

  /// The values of our list that every other profile here accepts as well.
  std::vector<std::string> agreed(const std::string& key, const std::vector<std::string>& accepted);
  void set_sysctl(const std::string& key, const std::string& value, const std::string& why);
  /// Notes that an object which another profile of ours made is wanted here too.
  void share(const Step& step, const std::string& why);
  const JournalEntry* owned(const Step& step) const;
  const JournalEntry* owned_by_others(const Step& step) const;
  void make(const Step& step, const std::string& why, bool record_only = false);
  std::string label_for(const AddressWish& wish) const;

  const PlanInput& in_;
  Snapshot present_;  ///< as it will be after the steps so far
  std::uint64_t next_number_;
  Plan plan_;
};

void Planner::look_for_facts() {
  plan_.conflicts = in_.desired.refusals;
  const auto& links = present_.links;
  for (const std::string& link : in_.desired.links) {
    if (std::find(links.begin(), links.end(), link) != links.end()) continue;
    plan_.missing_links.push_back(link);
    plan_.conflicts.push_back("interface " + link + " of host " + in_.desired.host +
                              " does not exist; there are: " + joined(links));
  }
  if (!plan_.missing_links.empty()) return;
  for (const NeededAddress& needed : in_.desired.addresses) {
    const bool there = std::any_of(
        present_.addresses.begin(), present_.addresses.end(), [&](const AddressFact& fact) {
          return fact.link == needed.link && fact.addr == needed.address.addr;
        });
    if (there) continue;
    plan_.conflicts.push_back("address " + to_string(needed.address) + " of host " +
                              in_.desired.host + " is not on " + needed.link +
                              "; it must be there already, lvskit does not assign it");
  }
}

void Planner::drop_what_is_unwanted() {
  const std::vector<Wish>& wishes = in_.desired.wishes;
  const std::vector<JournalEntry> newest_first(in_.ours.rbegin(), in_.ours.rend());
  for (const JournalEntry& entry : newest_first) {
    const bool wanted = std::any_of(wishes.begin(), wishes.end(),
                                    [&](const Wish& wish) { return serves(wish, entry.step); });
    if (wanted) continue;
    PlannedStep planned{entry.step, "the profile no longer asks for it", entry.number,
                        IntentKind::Drop, true};
    const Undo undo = decide_undo(entry.step, UndoGoal::Revert, present_);
    if (undo.step && !held_by_others(entry.step, in_.others)) {
      planned.step = *undo.step;
      planned.record_only = false;
      carry_out_on(present_, planned.step);
    } else if (!undo.left.empty()) {
      planned.why = "left as it is, somebody changed it: " + undo.left;
    }
    plan_.steps.push_back(std::move(planned));
  }
}

const JournalEntry* Planner::owned(const Step& step) const {
  const std::string object = object_of(step);
  const auto found = std::find_if(in_.ours.begin(), in_.ours.end(), [&](const JournalEntry& entry) {
    return object_of(entry.step) == object;
  });
  if (found == in_.ours.end()) return nullptr;
  // An entry that this plan has already dropped is ours no more.
  const bool dropped =
      std::any_of(plan_.steps.begin(), plan_.steps.end(), [&](const PlannedStep& planned) {
        return planned.kind == IntentKind::Drop && planned.number == found->number;
      });
  return dropped ? nullptr : &*found;
}

const JournalEntry* Planner::owned_by_others(const Step& step) const {
  for (const Journal& other : in_.others)
    if (const JournalEntry* entry = other.find(object_of(step))) return entry;
  return nullptr;
}

void Planner::make(const Step& step, const std::string& why, bool record_only) {
  const JournalEntry* ours = owned(step);
  const std::uint64_t number = ours != nullptr ? ours->number : next_number_++;
  plan_.steps.push_back({step, why, number, IntentKind::Make, record_only});
  if (!record_only) carry_out_on(present_, step);
}

void Planner::share(const Step& step, const std::string& why) {
  if (owned(step) != nullptr) return;
  if (owned_by_others(step) == nullptr) {
    plan_.adopted.push_back(diff_text(step));
    return;
  }
  make(step, why + " (another profile made it; it stays until the last of them is reverted)", true);
}

std::vector<std::string> Planner::agreed(const std::string& key,
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

void Planner::set_sysctl(const std::string& key, const std::string& value, const std::string& why) {
  const std::string present = *present_.sysctl(key);
  SetSysctl step{key, value, present, present};
  for (const JournalEntry* entry : {owned_by_others(step), owned(step)})
    if (entry != nullptr) step.original = std::get<SetSysctl>(entry->step).original;
  make(step, why);
}

void Planner::want(const SysctlWish& wish) {
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

void Planner::want(const EffectiveWish& wish) {
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

std::string Planner::label_for(const AddressWish& wish) const {
  if (!wish.addr.is_v4()) return "";
  for (const JournalEntry& entry : in_.ours) {
    const auto* made = std::get_if<AddAddress>(&entry.step);
    if (made != nullptr && made->address.link == wish.link && made->address.addr == wish.addr)
      return made->address.label;
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

void Planner::want(const AddressWish& wish) {
  AddressFact wanted{wish.link, wish.addr, wish.addr.bits(), wish.scope, "", kOurProtocol};
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

void Planner::want(const RouteWish& wish) {
  const RouteFact* other = nullptr;
  for (const RouteFact& fact : present_.routes) {
    if (fact.destination != wish.route.destination || fact.table != wish.route.table ||
        fact.metric != wish.route.metric || fact.tos != wish.route.tos)
      continue;
    if (fact.link == wish.route.link && !fact.gateway && fact.type == kUnicastRoute) {
      share(AddRoute{fact}, wish.why);
      return;
    }
    other = &fact;
  }
  if (other != nullptr) {
    plan_.conflicts.push_back(describe(*other) + " is there already, the profile wants " +
                              describe(wish.route));
    return;
  }
  make(AddRoute{wish.route}, wish.why);
}

void Planner::want(const WithholdingWish& wish) {
  const auto found =
      std::find_if(present_.withholdings.begin(), present_.withholdings.end(),
                   [&](const Withholding& table) { return table.table == wish.table.table; });
  if (found == present_.withholdings.end()) {
    make(AddWithholding{wish.table}, wish.why);
    return;
  }
  if (*found == wish.table) {
    share(AddWithholding{wish.table}, wish.why);
    return;
  }
  if (owned(AddWithholding{wish.table}) == nullptr) {
    plan_.conflicts.push_back(describe(*found) +
                              " is there already and was not made by this profile; the profile "
                              "wants " +
                              describe(wish.table));
    return;
  }
  const Withholding before = *found;
  make(ReplaceWithholding{before, wish.table}, wish.why);
}

}  // namespace

bool Plan::changes() const {
  return std::any_of(steps.begin(), steps.end(), [](const PlannedStep& planned) {
    return !planned.record_only && changes_host(planned.step);
  });
}

bool Plan::in_sync() const { return steps.empty() && conflicts.empty() && contradictions.empty(); }

Plan make_plan(const PlanInput& input) { return Planner(input).run(); }

}  // namespace lvs::profiles
