#include "profiles/host/examine.h"

#include <algorithm>

#include "net/linux/namespace.h"
#include "profiles/core/undo.h"
#include "profiles/host/failure.h"
#include "profiles/io/journal_file.h"

namespace lvs::host {
namespace {

bool same_namespace(const profiles::JournalHeader& header, const linux_net::NamespaceId& id) {
  return header.namespace_inode == id.inode && header.namespace_cookie == id.cookie;
}

HostFailure wrong_namespace(const std::string& file) {
  return {ExitStatus::Failed,
          file +
              " was written for another network namespace: it cannot be followed back here. "
              "Use --netns to go to the right one"};
}

/// Sets an own journal aside that speaks of objects which went with their boot.
HostResult<void> judge_own(Journals& journals, const profiles::StateDir& state,
                           const std::string& file, const std::string& boot) {
  if (!journals.own.has_header()) return {};
  if (journals.own.header().boot_id != boot) {
    journals.own = {};
    journals.stale = file + " is of an earlier boot: what it speaks of went with it";
    return {};
  }
  if (!same_namespace(journals.own.header(), state.namespace_id()))
    return refuse(wrong_namespace(file));
  return {};
}

}  // namespace

HostResult<Journals> read_journals(const profiles::StateDir& state, const std::string& profile) {
  const std::string file = state.journal(profile).string();
  Journals journals;
  const auto boot = linux_net::boot_id();
  if (!boot) return refuse(failure_of(boot.error()));
  auto own = profiles::load_journal(file);
  if (!own) return refuse(failure_of(own.error()));
  journals.own = std::move(*own);
  if (auto judged = judge_own(journals, state, file, *boot); !judged)
    return refuse(std::move(judged).error());
  auto others = profiles::load_other_journals(state.path(), profile);
  if (!others) return refuse(failure_of(others.error()));
  for (profiles::Journal& other : *others) {
    const bool here =
        other.header().boot_id == *boot && same_namespace(other.header(), state.namespace_id());
    if (here) journals.others.push_back(std::move(other));
  }
  return journals;
}

HostResult<Examined> examine(const LoadedHost& loaded, profiles::Role role,
                             profiles::Kernel& kernel, const Journals& journals) {
  Examined examined;
  const auto can = kernel.abilities();
  if (!can) return refuse(failure_of(can.error()));
  examined.desired = profiles::desire(loaded.profile, *loaded.self, role, *can);
  profiles::Look look = profiles::look_for(examined.desired);
  look.take(profiles::look_for(journals.own));
  auto snapshot = kernel.snapshot(look);
  if (!snapshot) return refuse(failure_of(snapshot.error()));
  examined.snapshot = std::move(*snapshot);
  const std::vector<profiles::JournalEntry> ours = journals.own.entries_with_pending();
  examined.plan = profiles::make_plan({.desired = examined.desired,
                                       .snapshot = examined.snapshot,
                                       .ours = ours,
                                       .next_number = journals.own.next_number(),
                                       .others = journals.others});
  return examined;
}

std::vector<std::string> notes_of(const LoadedHost& loaded, const Examined& examined,
                                  const Journals& journals) {
  std::vector<std::string> notes = examined.desired.notes;
  for (const std::string& adopted : examined.plan.adopted)
    notes.push_back(adopted + " is there already: it is not ours and stays at revert");
  for (const profiles::NotYet& later : loaded.profile.not_yet) {
    notes.push_back("not yet: `" + later.key + "` (line " + std::to_string(later.where.line) +
                    ") is checked, but this version does not act on it");
  }
  if (!journals.stale.empty()) notes.push_back(journals.stale);
  if (journals.own.unfinished()) {
    notes.push_back("the last apply did not finish (" +
                    std::to_string(journals.own.pending().size()) +
                    " steps): the next apply, run or revert rolls them back first");
  }
  return notes;
}

}  // namespace lvs::host
