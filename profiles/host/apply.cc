#include "profiles/host/apply.h"

#include <algorithm>

#include "net/base/counted.h"
#include "profiles/host/failure.h"
#include "profiles/host/open_journal.h"

namespace lvs::host {
namespace {

/// What one apply works with.
struct Work {
  const LoadedHost& loaded;
  const HostOptions& options;
  Purpose purpose = Purpose::Stay;
  profiles::Kernel& kernel;
  std::ostream& progress;
};

std::string listed(const std::string& title, const std::vector<std::string>& items) {
  std::string text = title;
  for (const std::string& item : items) text += "\n  " + item;
  return text;
}

std::string about(const HostOptions& options) { return options.program + " " + options.profile; }

/// Rolls an unfinished apply back. What the kernel refuses to undo stays in the journal and ends
/// the command; what somebody changed after us is given up and noted.
HostResult<std::vector<std::string>> recover(OpenJournal& open, profiles::Kernel& kernel) {
  std::vector<std::string> notes;
  if (!open.log().journal().unfinished()) return notes;
  const profiles::TakenBack back = profiles::roll_back(kernel, open.log());
  if (!back.failed.empty()) {
    HostFailure failure{
        ExitStatus::Incomplete,
        listed("an apply that did not finish could not be rolled back:", back.failed)};
    failure.left = back.failed;
    return refuse(std::move(failure));
  }
  notes.push_back("an apply that did not finish was rolled back first (" +
                  counted(back.undone.size(), "change") + ")");
  for (const std::string& left : back.left) notes.push_back("left as it is: " + left);
  return notes;
}

HostResult<void> refuse_conflicts(const profiles::Plan& plan) {
  if (!plan.contradictions.empty()) {
    return refuse(
        ExitStatus::BadProfile,
        listed("two profiles want different things; nothing was touched:", plan.contradictions));
  }
  if (!plan.conflicts.empty()) {
    return refuse(plan.lacking.empty() ? ExitStatus::Failed : ExitStatus::Unsupported,
                  listed("this cannot be applied here; nothing was touched:", plan.conflicts));
  }
  return {};
}

HostFailure apply_failure(const profiles::ApplyFailure& failed) {
  HostFailure failure = failure_of(failed.error);
  if (failed.left.empty()) {
    failure.message += "\neverything was rolled back";
    return failure;
  }
  failure.status = ExitStatus::Incomplete;
  failure.message += listed("\nthe roll-back is not complete; left on this host:", failed.left);
  failure.left = failed.left;
  return failure;
}

/// True when the journal says all this already: then a second apply writes nothing at all.
bool nothing_to_record(const profiles::Journal& journal, const profiles::Plan& plan,
                       Purpose purpose) {
  const auto for_run = [](const profiles::JournalEntry& entry) { return entry.for_run; };
  const bool kept = purpose == Purpose::Run ||
                    std::none_of(journal.entries().begin(), journal.entries().end(), for_run);
  return plan.steps.empty() && journal.completed() && journal.wants() == plan.wants && kept;
}

std::vector<std::uint64_t> run_entries(const profiles::Journal& journal) {
  std::vector<std::uint64_t> numbers;
  for (const profiles::JournalEntry& entry : journal.entries())
    if (entry.for_run) numbers.push_back(entry.number);
  return numbers;
}

HostResult<void> carry_out_plan(ApplyReport& report, const Work& work, OpenJournal& open) {
  const profiles::Plan& plan = report.examined.plan;
  if (nothing_to_record(open.log().journal(), plan, work.purpose)) return {};
  const auto watcher = [&](const profiles::Step& step, const profiles::StepNote& note) {
    work.progress << "  " << profiles::diff_sign(step) << ' ' << profiles::diff_text(step);
    if (note.skipped) work.progress << "\n      SKIPPED: " << note.text;
    work.progress << '\n';
  };
  auto applied =
      profiles::carry_out(plan, work.purpose == Purpose::Run, work.kernel, open.log(), watcher);
  if (!applied) return refuse(apply_failure(applied.error()));
  report.skipped = std::move(applied->skipped);
  return {};
}

HostResult<ApplyReport> apply_open(const Work& work, OpenJournal& open) {
  auto recovered = recover(open, work.kernel);
  if (!recovered) return refuse(std::move(recovered).error());
  open.journals().own = open.log().journal();
  auto examined = examine(work.loaded, work.options.role, work.kernel, open.journals());
  if (!examined) return refuse(std::move(examined).error());
  ApplyReport report;
  report.examined = std::move(*examined);
  report.notes = std::move(*recovered);
  for (std::string& note : notes_of(work.loaded, report.examined, open.journals()))
    report.notes.push_back(std::move(note));
  if (auto fit = refuse_conflicts(report.examined.plan); !fit)
    return refuse(std::move(fit).error());
  if (auto done = carry_out_plan(report, work, open); !done) return refuse(std::move(done).error());
  report.part.entries = run_entries(open.log().journal());
  return report;
}

/// Which entries a run takes back: an `apply` since then has made some of them stay.
std::vector<std::uint64_t> still_of_run(const AppliedPart& part, const profiles::Journal& journal) {
  std::vector<std::uint64_t> numbers;
  for (const std::uint64_t number : run_entries(journal)) {
    if (std::find(part.entries.begin(), part.entries.end(), number) != part.entries.end())
      numbers.push_back(number);
  }
  return numbers;
}

HostFailure incomplete(const profiles::TakenBack& back) {
  HostFailure failure{ExitStatus::Incomplete, ""};
  if (!back.left.empty())
    failure.message = listed("changed by somebody after us, and left as it is:", back.left);
  if (!back.failed.empty()) {
    if (!failure.message.empty()) failure.message += "\n";
    failure.message += listed("could not be taken back, still in the journal:", back.failed);
  }
  failure.left = back.left;
  failure.left.insert(failure.left.end(), back.failed.begin(), back.failed.end());
  return failure;
}

HostResult<RevertReport> revert_open(const HostOptions& options, const AppliedPart* part,
                                     profiles::Kernel& kernel, OpenJournal& open) {
  RevertReport report;
  if (!open.journals().stale.empty()) report.notes.push_back(open.journals().stale);
  if (auto begun = open.begin(options.program, ""); !begun) return refuse(std::move(begun).error());
  auto recovered = recover(open, kernel);
  if (!recovered) return refuse(std::move(recovered).error());
  report.notes.insert(report.notes.end(), recovered->begin(), recovered->end());
  std::vector<std::uint64_t> numbers;
  if (part != nullptr) numbers = still_of_run(*part, open.log().journal());
  profiles::TakenBack back = profiles::take_back(part == nullptr ? nullptr : &numbers,
                                                 open.journals().others, kernel, open.log());
  if (!back.complete()) {
    if (auto closed = open.close(false); !closed) return refuse(std::move(closed).error());
    return refuse(incomplete(back));
  }
  report.undone = std::move(back.undone);
  return report;
}

}  // namespace

HostResult<ApplyReport> apply_on(const LoadedHost& loaded, const HostOptions& options,
                                 Purpose purpose, profiles::Kernel& kernel,
                                 std::ostream& progress) {
  if (auto right = need_net_admin("apply changes sysctls, addresses and routes"); !right)
    return refuse(std::move(right).error());
  auto open = OpenJournal::open(loaded.state, loaded.profile.name, about(options));
  if (!open) return refuse(std::move(open).error());
  if (auto begun = open->begin(options.program, loaded.self->name, options.persistent); !begun)
    return refuse(std::move(begun).error());
  auto report = apply_open({loaded, options, purpose, kernel, progress}, *open);
  const bool applied = open->log().journal().completed();
  if (auto closed = open->close(applied); !closed && report)
    return refuse(std::move(closed).error());
  return report;
}

HostResult<RevertReport> revert_on(const profiles::StateDir& state, const std::string& profile,
                                   const HostOptions& options, const AppliedPart* part,
                                   profiles::Kernel& kernel) {
  auto open = OpenJournal::open(state, profile, about(options));
  if (!open) return refuse(std::move(open).error());
  if (!open->journals().own.empty()) {
    if (auto right = need_net_admin("taking back changes sysctls, addresses and routes"); !right)
      return refuse(std::move(right).error());
  }
  auto report = revert_open(options, part, kernel, *open);
  if (!report) return report;
  if (auto closed = open->close(false); !closed) return refuse(std::move(closed).error());
  return report;
}

}  // namespace lvs::host
