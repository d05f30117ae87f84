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

/// Notes in the journal that a step is not ours any more.
void give_up(std::uint64_t number, const std::string& left, JournalLog& log,
             std::vector<std::string>& unrecorded) {
  const Result<void> recorded = log.record(Undone{number, left});
  if (!recorded) unrecorded.push_back("journal: " + recorded.error().what);
}

/// Undoes a pending step on the host; true when its record may go.
bool undo_pending(const Intent& intent, const Ground& ground, TakenBack& result,
                  std::string& left) {
  const bool held = held_by_others(intent.step, ground.others);
  if (intent.kind == IntentKind::Drop)
    return intent.record_only ||
           undo_one(intent.step, UndoGoal::RollBack, ground.kernel, result, left);
  // Somebody began to rely on it since: it is his now.
  if (held) return true;
  // Another profile's object that we only joined, and that profile has gone since: we are the last.
  const UndoGoal goal = intent.record_only ? UndoGoal::Revert : UndoGoal::RollBack;
  return undo_one(intent.step, goal, ground.kernel, result, left);
}

Result<Applied> carry_out_steps(const Plan& plan, const Ground& ground, const Watcher& watcher) {
  Applied applied;
  const std::vector<JournalEntry> before = ground.log.journal().entries();
  const auto existed = [&](std::uint64_t number) {
    return std::any_of(before.begin(), before.end(),
                       [&](const JournalEntry& entry) { return entry.number == number; });
  };
  for (const PlannedStep& planned : plan.steps) {
    StepNote note;
    if (Result<void> done = carry_out_one(planned, ground.kernel, ground.log, note); !done)
      return fail_within(describe(planned.step), std::move(done).error());
    watcher(planned.step, note);
    if (!note.text.empty())
      (note.skipped ? applied.skipped : applied.noted)
          .push_back(describe(planned.step) + ": " + note.text);
    const bool made = planned.number != 0 && planned.kind == IntentKind::Make;
    if (made && !existed(planned.number)) applied.made.push_back(planned.number);
  }
  return applied;
}

Result<Applied> carry_out_all(const Plan& plan, const Ending& ending, const Ground& ground,
                              const Watcher& watcher) {
  LVS_TRY(Applied applied, carry_out_steps(plan, ground, watcher));
  if (ending.proof) LVS_CHECK(ending.proof());
  LVS_CHECK(ground.log.record(ending.record()));
  return applied;
}

}  // namespace

Result<void> JournalLog::record(const JournalRecord& record) {
  LVS_CHECK(writer_.write(record));
  return journal_.add(record);
}

tl::expected<Applied, ApplyFailure> carry_out(const Plan& plan, const Ending& ending,
                                              const Ground& ground, const Watcher& watcher) {
  Result<Applied> applied = carry_out_all(plan, ending, ground, watcher);
  if (applied) return *std::move(applied);
  Error error = std::move(applied).error();
  TakenBack back = roll_back(ground, error.what);
  return tl::unexpected(ApplyFailure{std::move(error), std::move(back)});
}

TakenBack roll_back(const Ground& ground, const std::string& why) {
  TakenBack result;
  if (ground.log.journal().armed() != nullptr) {
    if (auto told = ground.log.record(Disarmed{why}); !told)
      result.unrecorded.push_back("journal: " + told.error().what);
  }
  const std::vector<PendingStep>& pending = ground.log.journal().pending();
  // A copy, because undoing takes them out of the journal.
  const std::vector<PendingStep> last_first(pending.rbegin(), pending.rend());
  for (const PendingStep& step : last_first) {
    std::string left;
    // A step that was not done may or may not have reached the kernel before we died. What is there
    // now tells, and what is not exactly ours is not our trouble then.
    if (!undo_pending(step.intent, ground, result, left)) continue;
    if (!left.empty() && step.done) result.left.push_back(left);
    give_up(step.intent.number, left, ground.log, result.unrecorded);
  }
  return result;
}

TakenBack take_back(const std::vector<std::uint64_t>* numbers, const Ground& ground) {
  TakenBack result;
  const std::vector<JournalEntry>& entries = ground.log.journal().entries();
  const std::vector<JournalEntry> newest_first(entries.rbegin(), entries.rend());
  for (const JournalEntry& entry : newest_first) {
    const bool asked = numbers == nullptr ||
                       std::find(numbers->begin(), numbers->end(), entry.number) != numbers->end();
    if (!asked) continue;
    std::string left;
    if (!held_by_others(entry.step, ground.others) &&
        !undo_one(entry.step, UndoGoal::Revert, ground.kernel, result, left))
      continue;
    if (!left.empty()) result.left.push_back(left);
    // What the journal still says would be wrong, and it is what the next command goes by.
    give_up(entry.number, left, ground.log, result.failed);
  }
  return result;
}

}  // namespace lvs::profiles
