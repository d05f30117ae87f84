// plan, check and status: they look and change nothing, and need no lock.

#include <algorithm>

#include "net/base/counted.h"
#include "net/base/overload.h"
#include "net/base/sysctl_name.h"
#include "profiles/host/examine.h"
#include "profiles/host/explain.h"
#include "profiles/host/failure.h"
#include "profiles/host/profile_name.h"
#include "profiles/host/report.h"
#include "profiles/host/waiting.h"
#include "profiles/io/linux_kernel.h"

namespace lvs::host {
namespace {

struct Looked {
  std::unique_ptr<LoadedHost> loaded;
  Journals journals;
  Examined examined;
  Surroundings around;
};

HostResult<Looked> look(const HostOptions& options) {
  auto loaded = load_host(options);
  if (!loaded) return refuse(std::move(loaded).error());
  if (options.role == profiles::Role::Director) {
    auto right = need_net_admin("reading nf_tables needs it");
    if (!right) return refuse(std::move(right).error());
  }
  auto journals = read_journals((*loaded)->state, (*loaded)->profile.name);
  if (!journals) return refuse(std::move(journals).error());
  auto kernel = profiles::LinuxKernel::open();
  if (!kernel) return refuse(failure_of(kernel.error()));
  auto examined = examine(**loaded, options.role, *kernel, *journals);
  if (!examined) return refuse(std::move(examined).error());
  Surroundings around = look_around(**loaded, *examined);
  return Looked{std::move(*loaded), std::move(*journals), std::move(*examined), std::move(around)};
}

Report report_of(const Looked& looked, const std::string& command) {
  Report report;
  report.command = command;
  report.profile = looked.loaded->profile.name;
  report.host = looked.loaded->self->name;
  report.notes = notes_of(*looked.loaded, looked.examined, looked.journals);
  for (std::string& note : warnings(looked.around, looked.examined))
    report.notes.push_back(std::move(note));
  return report;
}

void add_obstacles(Report& report, const profiles::Plan& plan) {
  for (const std::string& text : plan.contradictions) report.items.push_back({'!', text, ""});
  for (const std::string& text : plan.conflicts) report.items.push_back({'!', text, ""});
}

/// What the kernel makes of the key and `all`, for every rule that this key has a part in.
std::string effective_of(const std::string& key, const Examined& examined) {
  std::string text;
  for (const profiles::Wish& wish : examined.desired.wishes) {
    const auto* effective = std::get_if<profiles::EffectiveWish>(&wish);
    if (effective == nullptr) continue;
    const profiles::EffectiveRule& rule = effective->rule;
    const bool part = key == profiles::conf_key("all", rule.setting) ||
                      key == profiles::conf_key(rule.link, rule.setting);
    if (!part) continue;
    if (!text.empty()) text += "; ";
    text += profiles::describe(rule, examined.snapshot);
  }
  return text;
}

ReportItem drift_of(const profiles::PlannedStep& planned, const Looked& looked) {
  const Examined& examined = looked.examined;
  const std::string culprit = blame(looked.around, planned.step);
  const auto missing = [&](const std::string& what) {
    return ReportItem{'!', "missing: " + what + culprit, planned.why};
  };
  return std::visit(
      Overload{
          [&](const profiles::SetSysctl& s) {
            const std::string effective = effective_of(s.key, examined);
            return ReportItem{'!',
                              dotted(s.key) + " is " + s.before + ", must be " + s.value + culprit,
                              effective.empty() ? planned.why : planned.why + "; " + effective};
          },
          [&]<typename T>(const profiles::Add<T>& s) { return missing(describe(s.object)); },
          [&]<typename T>(const profiles::Replace<T>& s) {
            return ReportItem{'!',
                              "changed: " + describe(s.before) + ", must be " + describe(s.after),
                              planned.why};
          },
          [&](const auto&) {
            return ReportItem{'!', "not wanted: " + profiles::diff_text(planned.step), planned.why};
          },
      },
      planned.step);
}

}  // namespace

ExitStatus plan(const HostOptions& options, std::ostream& out, std::ostream& err) {
  const auto looked = look(options);
  if (!looked) return print(looked.error(), "plan", options, out, err);
  const profiles::Plan& difference = looked->examined.plan;
  Report report = report_of(*looked, "plan");
  std::size_t changes = 0;
  for (const profiles::PlannedStep& planned : difference.steps) {
    report.items.push_back(item_of(planned.step, planned.why));
    changes += planned.number != 0 ? 1 : 0;
  }
  add_obstacles(report, difference);
  const bool unfinished = looked->journals.own.unfinished();
  report.status = ExitStatus::Differs;
  report.result = "differs";
  report.summary = counted(changes, "change") + ". Nothing was changed.";
  if (!difference.contradictions.empty()) {
    report.status = ExitStatus::BadProfile;
    report.result = "contradiction";
    report.summary = "apply would refuse: two profiles want different things.";
  } else if (!difference.conflicts.empty()) {
    report.status = difference.lacking.empty() ? ExitStatus::Failed : ExitStatus::Unsupported;
    report.result = "conflict";
    report.summary = "apply would refuse; nothing was changed.";
  } else if (difference.in_sync() && !unfinished) {
    report.status = ExitStatus::Ok;
    report.result = "in_sync";
    report.summary = "No difference.";
  }
  return print(report, options, out);
}

ExitStatus check(const HostOptions& options, std::ostream& out, std::ostream& err) {
  const auto looked = look(options);
  if (!looked) return print(looked.error(), "check", options, out, err);
  const profiles::Plan& difference = looked->examined.plan;
  Report report = report_of(*looked, "check");
  for (const profiles::PlannedStep& planned : difference.steps)
    if (planned.number != 0) report.items.push_back(drift_of(planned, *looked));
  add_obstacles(report, difference);
  const auto problems = vip_problems(*looked->loaded, looked->examined);
  for (const std::string& problem : problems) report.items.push_back({'!', problem, ""});
  if (!looked->journals.own.has_header()) report.notes.emplace_back("never applied on this host");
  const bool fine = difference.in_sync() && problems.empty() && !looked->journals.own.unfinished();
  report.status = fine ? ExitStatus::Ok : ExitStatus::Differs;
  report.result = fine ? "in_sync" : "drift";
  report.summary = fine ? "In sync." : "Drift: " + counted(report.items.size(), "finding") + ".";
  return print(report, options, out);
}

ExitStatus status(const HostOptions& options, std::ostream& out, std::ostream& err) {
  const auto name = profile_name(options.profile);
  if (!name) return print(name.error(), "status", options, out, err);
  const auto state = profiles::StateDir::locate(options.state_dir, options.places);
  if (!state) return print(failure_of(state.error()), "status", options, out, err);
  const auto journals = read_journals(*state, *name);
  if (!journals) return print(journals.error(), "status", options, out, err);
  const profiles::Journal& own = journals->own;
  Report report;
  report.command = "status";
  report.profile = *name;
  report.host = own.header().host;
  for (const profiles::JournalEntry& entry : own.entries())
    report.items.push_back(item_of(entry.step, entry.for_run ? "until the director ends" : ""));
  if (!journals->stale.empty()) report.notes.push_back(journals->stale);
  report.result = own.completed() ? "applied" : "not_applied";
  report.summary = own.completed()
                       ? counted(own.entries().size(), "object") + " on this host are ours."
                       : "Not applied.";
  if (const auto waiting = waiting_in(own)) {
    report.status = ExitStatus::Differs;
    report.result = "waiting";
    report.confirm_left = waiting->left;
    report.summary = "Waits for its confirmation (" + counted(own.pending().size(), "step") +
                     "), " + time_left_text(waiting->left) + " left: `" + options.program +
                     " confirm " + *name + "` keeps it.";
    if (!waiting->guarded)
      report.notes.emplace_back("its guard is gone: the next apply, run or revert rolls it back");
  } else if (own.unfinished()) {
    report.status = ExitStatus::Differs;
    report.result = "unfinished";
    report.summary = "An apply did not finish (" + counted(own.pending().size(), "step") +
                     "): the next apply, run or revert rolls it back.";
  }
  return print(report, options, out);
}

}  // namespace lvs::host
