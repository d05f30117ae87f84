#include "profiles/core/carry_out.h"

#include <algorithm>

namespace lvs::profiles {
namespace {

/// Makes one changing step: intent, kernel, done.
Result<void> change(const PlannedStep& planned, Kernel& kernel, JournalLog& log, StepNote& note) {
  LVS_CHECK(log.record(planned.intent()));
  if (!planned.record_only) {
    LVS_TRY(note, kernel.carry_out(planned.step));
  }
  return log.record(Done{planned.number});
}

Result<void> carry_out_one(const PlannedStep& planned, Kernel& kernel, JournalLog& log,
                           StepNote& note) {
  if (planned.number != 0) return change(planned, kernel, log, note);
  LVS_TRY(note, kernel.carry_out(planned.step));
  return {};
}

/// A VIP that stays on this host is claimed by ARP as soon as these settings are gone.
bool keeps_vips_quiet(const Step& step) {
  const auto* sysctl = std::get_if<SetSysctl>(&step);
  return sysctl != nullptr &&
         (sysctl->key.ends_with("/arp_ignore") || sysctl->key.ends_with("/arp_announce"));
}

/// True when an address that we made could not be taken from the host.
bool address_stayed(const Step& step, bool undone, const std::string& why_left) {
  return std::holds_alternative<AddAddress>(step) && (!undone || !why_left.empty());
}

/// Undoes one step on the host and says so in `result`; true when its record may go.
bool try_undo(const Step& step, UndoGoal goal, Kernel& kernel, TakenBack& result,
              std::string& why_left) {
  const Result<Snapshot> now = kernel.snapshot(look_for(step));
  if (!now) {
    result.failed.push_back(describe(step) + ": " + now.error().what);
    return false;
  }
  const Undo undo = decide_undo(step, goal, *now);
  if (!undo.left.empty()) {
    why_left = undo.left;
    return true;
  }
  if (!undo.step) return true;
  const Result<StepNote> done = kernel.carry_out(*undo.step);
  if (!done) {
    result.failed.push_back(describe(*undo.step) + ": " + done.error().what);
    return false;
  }
  result.undone.push_back(describe(*undo.step));
  return true;
}

bool undo_one(const Step& step, UndoGoal goal, Kernel& kernel, TakenBack& result,
              std::string& why_left) {
  if (result.address_stayed && keeps_vips_quiet(step)) {
    result.failed.push_back(describe(step) +
                            ": kept, because a VIP is still here and would be claimed by ARP");
    return false;
  }
  const bool undone = try_undo(step, goal, kernel, result, why_left);
  if (address_stayed(step, undone, why_left)) result.address_stayed = true;
  return undone;
}

void give_up(std::uint64_t number, const std::string& left, JournalLog& log, TakenBack& result) {
  const Result<void> recorded = log.record(Undone{number, left});
  if (!recorded) result.failed.push_back("journal: " + recorded.error().what);
}

ApplyFailure failed_with(Error error, Kernel& kernel, JournalLog& log) {
  TakenBack back = roll_back(kernel, log);
  std::vector<std::string> left = std::move(back.left);
  left.insert(left.end(), back.failed.begin(), back.failed.end());
  return {std::move(error), std::move(left)};
}

}  // namespace

Result<void> JournalLog::record(const JournalRecord& record) {
  LVS_CHECK(writer_.write(record));
  return journal_.add(record);
}

tl::expected<Applied, ApplyFailure> carry_out(const Plan& plan, bool for_run, Kernel& kernel,
                                              JournalLog& log, const Watcher& watcher) {
  Applied applied;
  const std::vector<JournalEntry> before = log.journal().entries();
  const auto existed = [&](std::uint64_t number) {
    return std::any_of(before.begin(), before.end(),
                       [&](const JournalEntry& entry) { return entry.number == number; });
  };
  for (const PlannedStep& planned : plan.steps) {
    StepNote note;
    if (Result<void> done = carry_out_one(planned, kernel, log, note); !done) {
      Error error = std::move(done).error();
      error.what = describe(planned.step) + ": " + error.what;
      return tl::unexpected(failed_with(std::move(error), kernel, log));
    }
    watcher(planned.step, note);
    if (note.skipped) applied.skipped.push_back(describe(planned.step) + ": " + note.text);
    const bool made = planned.number != 0 && planned.kind == IntentKind::Make;
    if (made && !existed(planned.number)) applied.made.push_back(planned.number);
  }
  if (Result<void> done = log.record(Complete{plan.wants, for_run}); !done)
    return tl::unexpected(failed_with(std::move(done).error(), kernel, log));
  return applied;
}

TakenBack roll_back(Kernel& kernel, JournalLog& log) {
  TakenBack result;
  const std::vector<PendingStep>& pending = log.journal().pending();
  // A copy, because undoing takes them out of the journal.
  const std::vector<PendingStep> last_first(pending.rbegin(), pending.rend());
  for (const PendingStep& step : last_first) {
    const Intent& intent = step.intent;
    std::string left;
    // A step that was not done may or may not have reached the kernel before we died. What is there
    // now tells, and what is not exactly ours is not our trouble then.
    if (!intent.record_only && !undo_one(intent.step, UndoGoal::RollBack, kernel, result, left))
      continue;
    if (!left.empty() && step.done) result.left.push_back(left);
    give_up(intent.number, left, log, result);
  }
  return result;
}

TakenBack take_back(const std::vector<std::uint64_t>* numbers, const std::vector<Journal>& others,
                    Kernel& kernel, JournalLog& log) {
  TakenBack result;
  const std::vector<JournalEntry>& entries = log.journal().entries();
  const std::vector<JournalEntry> newest_first(entries.rbegin(), entries.rend());
  for (const JournalEntry& entry : newest_first) {
    const bool asked = numbers == nullptr ||
                       std::find(numbers->begin(), numbers->end(), entry.number) != numbers->end();
    if (!asked) continue;
    std::string left;
    if (!held_by_others(entry.step, others) &&
        !undo_one(entry.step, UndoGoal::Revert, kernel, result, left))
      continue;
    if (!left.empty()) result.left.push_back(left);
    give_up(entry.number, left, log, result);
  }
  return result;
}

}  // namespace lvs::profiles
