#include "profiles/host/apply.h"

#include <algorithm>
#include <optional>

#include "net/linux/boot_clock.h"
#include "profiles/host/failure.h"
#include "profiles/host/guard.h"
#include "profiles/host/open_journal.h"
#include "profiles/host/probes.h"
#include "profiles/host/recover.h"
#include "profiles/host/waiting.h"

namespace lvs::host {
namespace {

/// What one apply works with.
struct Work {
  const LoadedHost& loaded;
  const HostOptions& options;
  Purpose purpose = Purpose::Stay;
  const Edge& edge;
  std::ostream& progress;
};

std::string about(const HostOptions& options) { return options.program + " " + options.profile; }

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
  const profiles::TakenBack& back = failed.back;
  if (!back.complete()) {
    failure.status = ExitStatus::Incomplete;
    failure.left = back.left;
    failure.left.insert(failure.left.end(), back.failed.begin(), back.failed.end());
    failure.message += listed("\nthe roll-back is not complete; left on this host:", failure.left);
  } else {
    failure.message += "\neverything was rolled back";
  }
  if (!back.unrecorded.empty()) {
    failure.message += listed(
        "\nbut the journal could not be told, so the next command looks again:", back.unrecorded);
  }
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

/// Starts the guard and writes it down. Without either nothing may be changed.
HostResult<Guard> arm(const Work& work, OpenJournal& open) {
  const std::chrono::milliseconds window = *work.options.confirm_within;
  auto guard = Guard::start(work.options, work.loaded.profile.name, window);
  if (!guard) {
    return refuse(ExitStatus::Failed,
                  guard.error().what +
                      ": without it nobody would take the changes back; nothing "
                      "was touched");
  }
  const auto millis = static_cast<std::uint64_t>(window.count());
  if (auto armed = open.log().record(profiles::Armed{guard->mark(), millis}); !armed)
    return refuse(failure_of(armed.error()));
  return std::move(*guard);
}

/// The guard that a confirmation needs; none where nobody asked for one.
HostResult<std::optional<Guard>> arm_if_asked(const Work& work, OpenJournal& open) {
  if (!work.options.confirm_within) return std::optional<Guard>();
  auto armed = arm(work, open);
  if (!armed) return refuse(std::move(armed).error());
  return std::optional<Guard>(std::move(*armed));
}

void tell_step(std::ostream& progress, const profiles::Step& step, const profiles::StepNote& note) {
  progress << "  " << profiles::diff_sign(step) << ' ' << profiles::diff_text(step);
  if (!note.text.empty())
    progress << (note.skipped ? "\n      SKIPPED: " : "\n      note: ") << note.text;
  progress << '\n';
}

/// The last record of an apply: with a guard it waits for its confirmation from now on.
profiles::JournalRecord last_record(const Work& work, const profiles::Plan& plan, bool guarded) {
  if (!guarded) return profiles::Complete{plan.wants, work.purpose == Purpose::Run};
  const auto deadline = linux_net::boot_time() + *work.options.confirm_within;
  return profiles::Awaiting{plan.wants, static_cast<std::uint64_t>(deadline.count())};
}

HostResult<void> change_host(ApplyReport& report, const Work& work, OpenJournal& open) {
  const profiles::Plan& plan = report.examined.plan;
  if (auto room = open.reserve(); !room) return refuse(failure_of(room.error()));
  Probes probes(work.loaded.self->probes);
  for (std::string& note : probes.before()) report.notes.push_back(std::move(note));
  auto armed = arm_if_asked(work, open);
  if (!armed) return refuse(std::move(armed).error());
  std::optional<Guard>& guard = *armed;
  const auto watcher = [&](const profiles::Step& step, const profiles::StepNote& note) {
    tell_step(work.progress, step, note);
  };
  const auto proof = [&]() -> Result<void> {
    LVS_CHECK(probes.after());
    if (guard && !guard->alive()) return fail("the guard of this apply was ended");
    return {};
  };
  const auto record = [&] { return last_record(work, plan, guard.has_value()); };
  auto applied = profiles::carry_out(plan, {proof, record}, open.ground(work.edge.kernel), watcher);
  if (!applied) {
    HostFailure failure = apply_failure(applied.error());
    if (probes.broken()) failure.message += "\n" + probes.again();
    return refuse(std::move(failure));
  }
  report.skipped = std::move(applied->skipped);
  for (std::string& note : applied->noted) report.notes.push_back(std::move(note));
  report.waits = guard.has_value();
  if (guard) guard->release();
  return {};
}

HostResult<void> carry_out_plan(ApplyReport& report, const Work& work, OpenJournal& open) {
  const profiles::Plan& plan = report.examined.plan;
  if (nothing_to_record(open.log().journal(), plan, work.purpose)) return {};
  if (plan.changes()) return change_host(report, work, open);
  const auto record = [&] { return last_record(work, plan, false); };
  const auto nobody = [](const profiles::Step& /*step*/, const profiles::StepNote& /*note*/) {};
  auto applied = profiles::carry_out(plan, {{}, record}, open.ground(work.edge.kernel), nobody);
  if (!applied) return refuse(apply_failure(applied.error()));
  return {};
}

/// While a confirmation can come, nothing else may change what it is about.
HostResult<void> refuse_while_waiting(const Work& work, const profiles::Journal& journal) {
  const auto waiting = waiting_in(journal);
  if (!waiting || !waiting->guarded) return {};
  const std::string& name = work.loaded.profile.name;
  const std::string& program = work.options.program;
  return refuse(ExitStatus::Failed, waiting_text(journal, *waiting) + "; nothing was touched. `" +
                                        program + " confirm " + name + "` keeps it, `" + program +
                                        " revert " + name + "` takes everything back");
}

HostResult<ApplyReport> apply_open(const Work& work, OpenJournal& open) {
  if (auto free = refuse_while_waiting(work, open.log().journal()); !free)
    return refuse(std::move(free).error());
  auto recovered = recover(open.ground(work.edge.kernel));
  if (!recovered) return refuse(std::move(recovered).error());
  open.journals().own = open.log().journal();
  auto examined = examine(work.loaded, work.options.role, work.edge.kernel, open.journals());
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

}  // namespace

HostResult<ApplyReport> apply_on(const LoadedHost& loaded, const HostOptions& options,
                                 Purpose purpose, const Edge& edge, std::ostream& progress) {
  if (auto right = need_net_admin("apply changes sysctls, addresses and routes"); !right)
    return refuse(std::move(right).error());
  auto open = OpenJournal::open(loaded.state, loaded.profile.name, about(options));
  if (!open) return refuse(std::move(open).error());
  if (auto begun = open->begin(options.program, loaded.self->name, options.persistent); !begun)
    return refuse(std::move(begun).error());
  if (edge.wrap_journal) open->put_between(edge.wrap_journal);
  auto report = apply_open({loaded, options, purpose, edge, progress}, *open);
  const bool applied = open->log().journal().completed();
  if (auto closed = open->close(applied); !closed && report)
    return refuse(std::move(closed).error());
  return report;
}

}  // namespace lvs::host
