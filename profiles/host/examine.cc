#include "profiles/host/examine.h"

#include "profiles/core/persistence.h"
#include "profiles/core/undo.h"
#include "profiles/host/failure.h"
#include "profiles/host/waiting.h"
#include "profiles/io/boot_place.h"

namespace lvs::host {
namespace {

profiles::Plan plan_for(const profiles::Desired& desired, const profiles::Snapshot& snapshot,
                        const std::vector<profiles::JournalEntry>& ours, const Journals& journals) {
  return profiles::make_plan({.desired = desired,
                              .snapshot = snapshot,
                              .ours = ours,
                              .next_number = journals.own.next_number(),
                              .others = journals.others});
}

/// Plans with the files that bring all this back after a boot. What the sysctls become is known
/// only when the rest is planned.
void plan_persistently(Examined& examined, const LoadedHost& loaded,
                       const std::vector<profiles::JournalEntry>& ours, const Journals& journals) {
  if (loaded.persistent) {
    for (std::string& lack : profiles::missing_for_boot(loaded.boot.places, loaded.state))
      examined.desired.lacking.push_back(std::move(lack));
  }
  const auto values = boot_sysctls(examined.desired, examined.plan, ours);
  add_boot_files(examined.desired, loaded.boot, values, ours, !loaded.persistent);
  examined.plan = plan_for(examined.desired, examined.snapshot, ours, journals);
}

}  // namespace

HostResult<Examined> examine(const LoadedHost& loaded, profiles::Role role,
                             profiles::Kernel& kernel, const Journals& journals) {
  Examined examined;
  const auto can = kernel.abilities();
  if (!can) return refuse(failure_of(can.error()));
  examined.desired = profiles::desire(loaded.profile, *loaded.self, role, *can);
  profiles::Look look = profiles::look_for(examined.desired);
  look.take(profiles::look_for(journals.own));
  const std::vector<profiles::JournalEntry> ours = journals.own.entries_with_pending();
  examined.persistent = loaded.persistent || profiles::is_persistent(journals.own.entries());
  if (examined.persistent) {
    const std::vector<std::string> files = profiles::boot_files(loaded.boot);
    look.files.insert(look.files.end(), files.begin(), files.end());
    look.take({});
  }
  auto snapshot = kernel.snapshot(look);
  if (!snapshot) return refuse(failure_of(snapshot.error()));
  examined.snapshot = std::move(*snapshot);
  examined.plan = plan_for(examined.desired, examined.snapshot, ours, journals);
  if (examined.persistent) plan_persistently(examined, loaded, ours, journals);
  return examined;
}

std::vector<std::string> notes_of(const LoadedHost& loaded, const Examined& examined,
                                  const Journals& journals) {
  std::vector<std::string> notes = examined.desired.notes;
  for (const std::string& adopted : examined.plan.adopted)
    notes.push_back(adopted + " is there already: it is not ours and stays at revert");
  for (const profiles::NotYet& later : loaded.profile.not_yet)
    notes.push_back("not yet: " + describe(later));
  if (examined.persistent && !loaded.persistent)
    notes.emplace_back("applied persistently: it stays so until revert");
  if (!journals.stale.empty()) notes.push_back(journals.stale);
  if (const auto waiting = waiting_in(journals.own)) {
    notes.push_back(waiting_text(journals.own, *waiting));
  } else if (journals.own.unfinished()) {
    notes.push_back("the last apply did not finish (" +
                    std::to_string(journals.own.pending().size()) +
                    " steps): the next apply, run or revert rolls them back first");
  }
  return notes;
}

}  // namespace lvs::host
