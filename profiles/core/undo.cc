#include "profiles/core/undo.h"

#include <algorithm>

#include "net/base/overload.h"
#include "net/base/sysctl_name.h"

namespace lvs::profiles {
namespace {

/// An object of the kind that was made thus, else one that stands in its place, else null.
template <typename T>
struct Found {
  const T* as_made = nullptr;
  const T* in_its_place = nullptr;
};

template <typename T>
Found<T> look_up(const Snapshot& now, const T& made) {
  Found<T> found;
  for (const T& present : list_of_kind<T>(now)) {
    if (!same_place(present, made)) continue;
    if (is_as_made(present, made)) return {&present, nullptr};
    if (found.in_its_place == nullptr) found.in_its_place = &present;
  }
  return found;
}

Undo undo_sysctl(const SetSysctl& step, UndoGoal goal, const Snapshot& now) {
  const std::string& target = goal == UndoGoal::Revert ? step.original : step.before;
  const std::string* present = now.sysctl(step.key);
  if (present == nullptr || *present == target) return {};
  if (*present == step.value) return {SetSysctl{step.key, target, *present, target}, ""};
  return {std::nullopt, dotted(step.key) + " is " + *present + ", but we had set it to " +
                            step.value + " (before: " + target + ")"};
}

template <typename T>
std::string found_instead(const T& present, const T& made) {
  return describe(present) + " is there, but we had made " + describe(made);
}
/// What tells a foreign twin from ours is shown for the kinds whose words leave it out.
std::string found_instead(const AddressFact& present, const AddressFact& made) {
  return describe(present) + " proto " + std::to_string(present.protocol) +
         " is there, but we had made " + describe(made);
}

template <typename T>
Undo undo_add(const T& made, const Snapshot& now) {
  const Found<T> found = look_up(now, made);
  if (found.as_made != nullptr) return {Remove<T>{made}, ""};
  if (found.in_its_place == nullptr) return {};
  return {std::nullopt, found_instead(*found.in_its_place, made)};
}

template <typename T>
Undo undo_remove(const T& removed, const Snapshot& now) {
  const Found<T> found = look_up(now, removed);
  if (found.as_made != nullptr) return {};
  // A table, a program or a file that somebody made in the meantime stands in the way of ours.
  if (kIsReplaced<T> && found.in_its_place != nullptr) return {};
  return {Add<T>{removed}, ""};
}

template <typename T>
Undo undo_replace(const Replace<T>& step, const Snapshot& now) {
  if (look_up(now, step.before).as_made != nullptr) return {};
  const Found<T> found = look_up(now, step.after);
  if (found.as_made != nullptr) return {Replace<T>{step.after, step.before}, ""};
  if (found.in_its_place == nullptr) return {Add<T>{step.before}, ""};
  return {std::nullopt, found_instead(*found.in_its_place, step.after)};
}

}  // namespace

Undo decide_undo(const Step& step, UndoGoal goal, const Snapshot& now) {
  return std::visit(Overload{
                        [&](const SetSysctl& s) { return undo_sysctl(s, goal, now); },
                        [&]<typename T>(const Add<T>& s) { return undo_add(s.object, now); },
                        [&]<typename T>(const Remove<T>& s) { return undo_remove(s.object, now); },
                        [&]<typename T>(const Replace<T>& s) { return undo_replace(s, now); },
                        [](const auto&) { return Undo{}; },
                    },
                    step);
}

bool held_by_others(const Step& step, const std::vector<Journal>& others) {
  const std::string object = object_of(step);
  return std::any_of(others.begin(), others.end(),
                     [&](const Journal& other) { return other.find(object) != nullptr; });
}

Look look_for(const Journal& journal) {
  Look look;
  for (const JournalEntry& entry : journal.entries()) look.take(look_for(entry.step));
  for (const PendingStep& pending : journal.pending()) look.take(look_for(pending.intent.step));
  return look;
}

}  // namespace lvs::profiles
