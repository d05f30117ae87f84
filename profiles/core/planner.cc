#include "profiles/core/planner.h"

#include <algorithm>

#include "profiles/core/planning/planning.h"

namespace lvs::profiles {

Plan Planning::run() {
  look_for_facts();
  if (!plan_.missing_links.empty()) return plan_;
  drop_what_is_unwanted();
  for (const Wish& wish : in_.desired.wishes) std::visit([this](const auto& w) { want(w); }, wish);
  if (!plan_.changes()) {
    // Nothing was done, so there is nothing to prove.
    std::erase_if(plan_.steps, [](const PlannedStep& planned) { return planned.number == 0; });
  }
  return plan_;
}

const JournalEntry* Planning::owned(const Step& step) const {
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

const JournalEntry* Planning::owned_by_others(const Step& step) const {
  for (const Journal& other : in_.others)
    if (const JournalEntry* entry = other.find(object_of(step))) return entry;
  return nullptr;
}

void Planning::make(const Step& step, const std::string& why, bool record_only) {
  const JournalEntry* ours = owned(step);
  const std::uint64_t number = ours != nullptr ? ours->number : next_number_++;
  plan_.steps.push_back({step, why, number, IntentKind::Make, record_only});
  if (record_only) return;
  carry_out_on(present_, step);
  const auto* born = std::get_if<Add<TunnelFact>>(&step);
  if (born == nullptr) return;
  // A new interface copies `default` at birth.
  for (const char* family : {"net/ipv4/conf/", "net/ipv6/conf/"}) {
    const std::string prefix = std::string(family) + "default/";
    std::map<std::string, std::string> own;
    for (const auto& [key, value] : present_.sysctls)
      if (key.starts_with(prefix))
        own[family + born->object.link + "/" + key.substr(prefix.size())] = value;
    present_.sysctls.merge(own);
  }
}

bool Planning::is_planned(const Step& step) const {
  const std::string object = object_of(step);
  return std::any_of(plan_.steps.begin(), plan_.steps.end(), [&](const PlannedStep& planned) {
    return planned.number != 0 && planned.kind == IntentKind::Make &&
           object_of(planned.step) == object;
  });
}

void Planning::share(const Step& step, const std::string& why) {
  if (owned(step) != nullptr || is_planned(step)) return;
  if (owned_by_others(step) == nullptr) {
    plan_.adopted.push_back(diff_text(step));
    return;
  }
  make(step, why + " (another profile made it; it stays until the last of them is reverted)", true);
}

bool Plan::changes() const {
  return std::any_of(steps.begin(), steps.end(), [](const PlannedStep& planned) {
    return !planned.record_only && changes_host(planned.step);
  });
}

bool Plan::in_sync() const { return steps.empty() && conflicts.empty() && contradictions.empty(); }

Plan make_plan(const PlanInput& input) { return Planning(input).run(); }

}  // namespace lvs::profiles
