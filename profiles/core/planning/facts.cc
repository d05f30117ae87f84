#include "net/base/joined.h"
#include "net/base/overload.h"
#include "net/wire/addr_text.h"
#include "profiles/core/planning/planning.h"
#include "profiles/core/undo.h"

namespace lvs::profiles {
namespace {

bool is_sysctl(const Step& made, const std::string& key) {
  const auto* set = std::get_if<SetSysctl>(&made);
  return set != nullptr && set->key == key;
}

/// True for the value of this setting on any interface.
bool is_setting(const Step& made, const std::string& setting) {
  const auto* set = std::get_if<SetSysctl>(&made);
  return set != nullptr && set->key.starts_with("net/ipv4/conf/") &&
         set->key.ends_with("/" + setting);
}

bool is_route_by(const Step& made, const DefaultRouteWish& wish) {
  const auto* add = std::get_if<AddRoute>(&made);
  return add != nullptr && add->object.link == wish.link && add->object.gateway == wish.gateway &&
         add->object.destination.length <= 1;
}

template <typename T>
bool is_object(const Step& made, const T& wanted) {
  const auto* add = std::get_if<Add<T>>(&made);
  if (add == nullptr) return false;
  if constexpr (kIsReplaced<T>) return same_place(add->object, wanted);
  return serves(add->object, wanted);
}

}  // namespace

bool is_wanted_by(const Wish& wish, const Step& made) {
  return std::visit(
      Overload{
          [&](const SysctlWish& w) { return is_sysctl(made, w.key); },
          [&](const EffectiveWish& w) {
            return !w.repairs.empty() && is_sysctl(made, conf_key(w.rule.link, w.rule.setting));
          },
          [&](const LowerWish& w) { return is_setting(made, w.setting); },
          [&](const AddressWish& w) {
            const auto* add = std::get_if<AddAddress>(&made);
            return add != nullptr && add->object.link == w.link && add->object.addr == w.addr &&
                   add->object.prefix_len == w.addr.bits() && add->object.scope == w.scope;
          },
          [&](const DefaultRouteWish& w) { return is_route_by(made, w); },
          [&](const AcceptWish& w) {
            const auto* add = std::get_if<Add<ForeignRule>>(&made);
            return add != nullptr && add->object.comment == w.comment &&
                   add->object.match == w.match;
          },
          [&](const StaticNeighbourWish& w) {
            const auto* add = std::get_if<Add<NeighbourFact>>(&made);
            return add != nullptr && !add->object.proxy && add->object.link == w.link &&
                   add->object.addr == w.addr;
          },
          [&](const Forward6Wish&) { return std::holds_alternative<Add<Forward6Fact>>(made); },
          [&]<typename T>(const ObjectWish<T>& w) { return is_object(made, w.object); },
          [](const ProofWish&) { return false; },
      },
      wish);
}

void Planning::look_for_facts() {
  plan_.conflicts = in_.desired.refusals;
  plan_.lacking = in_.desired.lacking;
  for (const std::string& text : plan_.lacking) plan_.conflicts.push_back(text);
  const auto& links = present_.links;
  for (const std::string& link : in_.desired.links) {
    if (std::find(links.begin(), links.end(), link) != links.end()) continue;
    plan_.missing_links.push_back(link);
    plan_.conflicts.push_back("interface " + link + " of host " + in_.desired.host +
                              " does not exist; there are: " + joined(links));
  }
  if (!plan_.missing_links.empty()) return;
  for (const NeededDevice& device : in_.desired.devices) {
    if (std::find(links.begin(), links.end(), device.link) != links.end()) continue;
    plan_.missing_links.push_back(device.link);
    plan_.lacking.push_back("this kernel has no link " + device.link + "; " + device.hint);
    plan_.conflicts.push_back(plan_.lacking.back());
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

void Planning::drop_what_is_unwanted() {
  const std::vector<Wish>& wishes = in_.desired.wishes;
  const std::vector<JournalEntry> newest_first(in_.ours.rbegin(), in_.ours.rend());
  for (const JournalEntry& entry : newest_first) {
    const bool wanted = std::any_of(wishes.begin(), wishes.end(), [&](const Wish& wish) {
      return is_wanted_by(wish, entry.step);
    });
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

}  // namespace lvs::profiles
