#include "profiles/core/undo.h"

#include <algorithm>

#include "net/base/overload.h"
#include "net/base/sysctl_name.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

/// A kernel before 5.18 keeps no IFA_PROTO: then the label alone tells ours from another's.
bool is_ours(std::uint8_t protocol) { return protocol == kOurProtocol || protocol == 0; }

const AddressFact* address_like(const Snapshot& now, const AddressFact& wanted) {
  const auto found =
      std::find_if(now.addresses.begin(), now.addresses.end(), [&](const AddressFact& fact) {
        return fact.link == wanted.link && fact.addr == wanted.addr &&
               fact.prefix_len == wanted.prefix_len;
      });
  return found == now.addresses.end() ? nullptr : &*found;
}

bool same_way(const RouteFact& a, const RouteFact& b) {
  return a.destination == b.destination && a.table == b.table && a.metric == b.metric &&
         a.tos == b.tos;
}

const RouteFact* exact_route(const Snapshot& now, const RouteFact& wanted) {
  const auto found = std::find_if(now.routes.begin(), now.routes.end(), [&](const RouteFact& fact) {
    return same_way(fact, wanted) && fact.link == wanted.link && fact.protocol == wanted.protocol &&
           fact.gateway == wanted.gateway;
  });
  return found == now.routes.end() ? nullptr : &*found;
}

const RouteFact* twin_route(const Snapshot& now, const RouteFact& wanted) {
  const auto found = std::find_if(now.routes.begin(), now.routes.end(),
                                  [&](const RouteFact& fact) { return same_way(fact, wanted); });
  return found == now.routes.end() ? nullptr : &*found;
}

const Withholding* table_named(const Snapshot& now, const std::string& name) {
  const auto found = std::find_if(now.withholdings.begin(), now.withholdings.end(),
                                  [&](const Withholding& table) { return table.table == name; });
  return found == now.withholdings.end() ? nullptr : &*found;
}

Undo undo_sysctl(const SetSysctl& step, UndoGoal goal, const Snapshot& now) {
  const std::string& target = goal == UndoGoal::Revert ? step.original : step.before;
  const std::string* present = now.sysctl(step.key);
  if (present == nullptr || *present == target) return {};
  if (*present == step.value) return {SetSysctl{step.key, target, *present, target}, ""};
  return {std::nullopt, dotted(step.key) + " is " + *present + ", but we had set it to " +
                            step.value + " (before: " + target + ")"};
}

Undo undo_address(const AddAddress& step, const Snapshot& now) {
  const AddressFact* present = address_like(now, step.address);
  if (present == nullptr) return {};
  const bool same = present->label == step.address.label && present->scope == step.address.scope &&
                    is_ours(present->protocol);
  if (same) return {RemoveAddress{*present}, ""};
  return {std::nullopt, describe(*present) + " proto " + std::to_string(present->protocol) +
                            " is there, but we had made " + describe(step.address)};
}

Undo undo_route(const AddRoute& step, const Snapshot& now) {
  if (exact_route(now, step.route) != nullptr) return {RemoveRoute{step.route}, ""};
  const RouteFact* twin = twin_route(now, step.route);
  if (twin == nullptr) return {};
  return {std::nullopt, describe(*twin) + " is there, but we had made " + describe(step.route)};
}

Undo undo_table(const AddWithholding& step, const Snapshot& now) {
  const Withholding* present = table_named(now, step.table.table);
  if (present == nullptr) return {};
  if (*present == step.table) return {RemoveWithholding{*present}, ""};
  return {std::nullopt, describe(*present) + " is there with " + std::to_string(present->rules) +
                            " rules, but we had made " + describe(step.table) + " with " +
                            std::to_string(step.table.rules)};
}

Undo undo_replace(const ReplaceWithholding& step, const Snapshot& now) {
  const Withholding* present = table_named(now, step.after.table);
  if (present != nullptr && *present == step.before) return {};
  if (present == nullptr) return {AddWithholding{step.before}, ""};
  if (*present == step.after) return {ReplaceWithholding{step.after, step.before}, ""};
  return {std::nullopt, describe(*present) + " is there, but we had made " + describe(step.after)};
}

}  // namespace

Undo decide_undo(const Step& step, UndoGoal goal, const Snapshot& now) {
  return std::visit(
      Overload{
          [&](const SetSysctl& s) { return undo_sysctl(s, goal, now); },
          [&](const AddAddress& s) { return undo_address(s, now); },
          [&](const AddRoute& s) { return undo_route(s, now); },
          [&](const AddWithholding& s) { return undo_table(s, now); },
          [&](const ReplaceWithholding& s) { return undo_replace(s, now); },
          [&](const RemoveAddress& s) {
            return address_like(now, s.address) != nullptr ? Undo{}
                                                           : Undo{AddAddress{s.address}, ""};
          },
          [&](const RemoveRoute& s) {
            return exact_route(now, s.route) != nullptr ? Undo{} : Undo{AddRoute{s.route}, ""};
          },
          [&](const RemoveWithholding& s) {
            return table_named(now, s.table.table) != nullptr ? Undo{}
                                                              : Undo{AddWithholding{s.table}, ""};
          },
          [](const auto&) { return Undo{}; },
      },
      step);
}

bool held_by_others(const Step& step, const std::vector<Journal>& others) {
  const std::string object = object_of(step);
  return std::any_of(others.begin(), others.end(),
                     [&](const Journal& other) { return other.find(object) != nullptr; });
}

std::vector<std::string> sysctl_keys(const Journal& journal) {
  std::vector<std::string> keys;
  const auto take = [&](const Step& step) {
    if (const auto* sysctl = std::get_if<SetSysctl>(&step)) keys.push_back(sysctl->key);
  };
  for (const JournalEntry& entry : journal.entries()) take(entry.step);
  for (const PendingStep& pending : journal.pending()) take(pending.intent.step);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace lvs::profiles
