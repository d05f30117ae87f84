// apply and revert: they change the host.

#include <ostream>

#include "net/base/counted.h"
#include "profiles/host/apply.h"
#include "profiles/host/failure.h"
#include "profiles/host/profile_name.h"
#include "profiles/host/report.h"
#include "profiles/host/waiting.h"
#include "profiles/io/linux_kernel.h"

namespace lvs::host {
namespace {

Report applied_report(const LoadedHost& loaded, const HostOptions& options,
                      const ApplyReport& applied) {
  Report report;
  report.command = "apply";
  report.profile = loaded.profile.name;
  report.host = loaded.self->name;
  report.notes = applied.notes;
  report.skipped = applied.skipped;
  std::size_t changes = 0;
  for (const profiles::PlannedStep& planned : applied.examined.plan.steps) {
    report.items.push_back(item_of(planned.step, planned.why));
    changes += planned.number != 0 ? 1 : 0;
  }
  report.result = changes == 0 ? "in_sync" : "applied";
  report.summary = changes == 0 ? "Already in sync; nothing was written."
                                : "Applied " + counted(changes, "change") + ".";
  if (applied.waits) {
    report.result = "waiting";
    report.summary += " Rolled back in " + time_left_text(*options.confirm_within) +
                      ", unless you say: " + options.program + " confirm " + report.profile;
    report.confirm_left = options.confirm_within;
  } else if (options.confirm_within) {
    report.notes.emplace_back("nothing was changed, so there is nothing to confirm");
  }
  return report;
}

/// What was not confirmed must not come back after a boot, and a boot in between would end the wait
/// without an answer: so it is one after the other, and how is said.
HostResult<void> not_both_at_once(const HostOptions& options) {
  if (!options.persistent || !options.confirm_within) return {};
  return refuse(ExitStatus::Usage,
                "--confirm-within and --persistent do not go together: what nobody has confirmed "
                "must not come back after a boot. Run them one after the other: first `" +
                    options.program + " apply --confirm-within DURATION`, then `" +
                    options.program + " confirm`, and when it is confirmed `" + options.program +
                    " apply --persistent`, which only adds the files. Nothing was touched");
}

}  // namespace

ExitStatus apply_profile(const HostOptions& options, std::ostream& out, std::ostream& err) {
  if (auto alone = not_both_at_once(options); !alone)
    return print(alone.error(), "apply", options, out, err);
  if (auto right = need_net_admin("apply changes sysctls, addresses and routes"); !right)
    return print(right.error(), "apply", options, out, err);
  const auto loaded = load_host(options);
  if (!loaded) return print(loaded.error(), "apply", options, out, err);
  auto kernel = profiles::LinuxKernel::open();
  if (!kernel) return print(failure_of(kernel.error()), "apply", options, out, err);
  std::ostream quiet(nullptr);  // the report at the end says it all
  const auto applied = apply_on(**loaded, options, Purpose::Stay, {*kernel}, quiet);
  if (!applied) return print(applied.error(), "apply", options, out, err);
  return print(applied_report(**loaded, options, *applied), options, out);
}

ExitStatus revert(const HostOptions& options, std::ostream& out, std::ostream& err) {
  const auto name = profile_name(options.profile);
  if (!name) return print(name.error(), "revert", options, out, err);
  const auto state = profiles::StateDir::locate(options.state_dir, options.places);
  if (!state) return print(failure_of(state.error()), "revert", options, out, err);
  Report report;
  report.command = "revert";
  report.profile = *name;
  report.result = "nothing";
  report.summary = "Nothing to revert.";
  if (!has_journal(*state, *name)) return print(report, options, out);

  auto kernel = profiles::LinuxKernel::open();
  if (!kernel) return print(failure_of(kernel.error()), "revert", options, out, err);
  const auto reverted = revert_on(*state, *name, options, nullptr, *kernel);
  if (!reverted) return print(reverted.error(), "revert", options, out, err);
  for (const std::string& undone : reverted->undone) report.items.push_back({'-', undone, ""});
  report.notes = reverted->notes;
  report.result = "reverted";
  report.summary = "Took back " + counted(reverted->undone.size(), "change") + ".";
  return print(report, options, out);
}

}  // namespace lvs::host
