#include "profiles/core/journal.h"

#include <algorithm>

#include "net/base/overload.h"

namespace lvs::profiles {
namespace {

/// What an entry remembers of a step that made or changed its object.
Step made_by(const Step& step) {
  return std::visit(Overload{
                        []<typename T>(const Replace<T>& s) -> Step { return Add<T>{s.after}; },
                        [](const auto& s) -> Step { return s; },
                    },
                    step);
}

void take_into(std::vector<JournalEntry>& entries, const Intent& intent, bool for_run) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const JournalEntry& entry) {
    return entry.number == intent.number;
  });
  if (intent.kind == IntentKind::Drop) {
    if (found != entries.end()) entries.erase(found);
    return;
  }
  if (found != entries.end()) {
    found->step = made_by(intent.step);
    return;
  }
  entries.push_back({intent.number, made_by(intent.step), for_run});
}

}  // namespace

Result<void> Journal::add(const JournalRecord& record) {
  if (!has_header() && !std::holds_alternative<JournalHeader>(record))
    return fail("the journal does not begin with its header");
  return std::visit([this](const auto& r) { return on(r); }, record);
}

Result<void> Journal::on(const JournalHeader& header) {
  if (has_header()) return fail("the journal has a second header");
  if (header.boot_id.empty()) return fail("the journal's header has no boot_id");
  header_ = header;
  return {};
}

Result<void> Journal::on(const Intent& intent) {
  if (intent.number == 0) return fail("an intent has number 0");
  if (awaiting_) return fail("an intent follows what waits for a confirmation");
  pending_.push_back({intent, false, {intent.number, made_by(intent.step), true}});
  next_number_ = std::max(next_number_, intent.number + 1);
  return {};
}

Result<void> Journal::on(const Done& done) {
  if (pending_.empty() || pending_.back().intent.number != done.number || pending_.back().done)
    return fail("done " + std::to_string(done.number) + " follows no such intent");
  pending_.back().done = true;
  return {};
}

Result<void> Journal::on(const Undone& undone) {
  // From the back, but not only the last: a step that could not be undone stays pending.
  const auto pending =
      std::find_if(pending_.rbegin(), pending_.rend(),
                   [&](const PendingStep& step) { return step.intent.number == undone.number; });
  if (pending != pending_.rend()) {
    disarm();
    pending_.erase(std::next(pending).base());
    return {};
  }
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const JournalEntry& entry) {
    return entry.number == undone.number;
  });
  if (found == entries_.end())
    return fail("undone " + std::to_string(undone.number) + " is no entry");
  entries_.erase(found);
  return {};
}

Result<void> Journal::on(const Complete& complete) {
  LVS_CHECK(all_done("complete"));
  for (const PendingStep& step : pending_) take_into(entries_, step.intent, complete.for_run);
  pending_.clear();
  if (!complete.for_run)
    for (JournalEntry& entry : entries_) entry.for_run = false;
  wants_ = complete.wants;
  completed_ = true;
  disarm();
  return {};
}

Result<void> Journal::on(const Armed& armed) {
  if (unfinished()) return fail("armed follows an apply that is not finished");
  armed_ = armed;
  return {};
}

Result<void> Journal::on(const Awaiting& awaiting) {
  if (!armed_ || awaiting_) return fail("awaiting follows no armed");
  LVS_CHECK(all_done("awaiting"));
  awaiting_ = awaiting;
  return {};
}

Result<void> Journal::on(const Disarmed& /*disarmed*/) {
  if (!armed_) return fail("disarmed follows no armed");
  disarm();
  return {};
}

Result<void> Journal::all_done(const std::string& record) const {
  for (const PendingStep& step : pending_) {
    if (!step.done)
      return fail(record + " follows intent " + std::to_string(step.intent.number) +
                  ", which was not done");
  }
  return {};
}

void Journal::disarm() {
  armed_.reset();
  awaiting_.reset();
}

std::vector<JournalEntry> Journal::entries_with_pending() const {
  std::vector<JournalEntry> all = entries_;
  for (const PendingStep& step : pending_) take_into(all, step.intent, true);
  return all;
}

const JournalEntry* Journal::find(const std::string& object) const {
  const auto newest = std::find_if(
      pending_.rbegin(), pending_.rend(),
      [&](const PendingStep& pending) { return object_of(pending.intent.step) == object; });
  if (newest != pending_.rend())
    return newest->intent.kind == IntentKind::Make ? &newest->entry : nullptr;
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const JournalEntry& entry) {
    return object_of(entry.step) == object;
  });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace lvs::profiles
