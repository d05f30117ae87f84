// confirm: what an `apply --confirm-within` made stays.

#include <ostream>

#include "profiles/host/failure.h"
#include "profiles/host/guard.h"
#include "profiles/host/open_journal.h"
#include "profiles/host/profile_name.h"
#include "profiles/host/recover.h"
#include "profiles/host/report.h"
#include "profiles/host/waiting.h"
#include "profiles/io/linux_kernel.h"

namespace lvs::host {
namespace {

/// Why there is nothing to confirm: the time is over and the guard did not come to it, or the apply
/// died on its way. Either is rolled back here and now.
HostFailure too_late(OpenJournal& open) {
  if (auto right = need_net_admin("rolling back changes sysctls, addresses and routes"); !right)
    return std::move(right).error();
  auto kernel = profiles::LinuxKernel::open();
  if (!kernel) return failure_of(kernel.error());
  const auto recovered = recover(open.ground(*kernel));
  if (!recovered) return recovered.error();
  if (auto closed = open.close(open.log().journal().completed()); !closed)
    return std::move(closed).error();
  return {ExitStatus::Failed, listed("too late to confirm:", *recovered)};
}

HostResult<void> confirm_open(const HostOptions& options, OpenJournal& open) {
  if (auto begun = open.begin(options.program, ""); !begun) return refuse(std::move(begun).error());
  const profiles::Journal& journal = open.log().journal();
  if (!waiting_in(journal)) return refuse(too_late(open));
  const profiles::ProcessMark guard = journal.armed()->guard;
  const profiles::Complete complete{journal.awaiting()->wants, false};
  if (auto written = open.log().record(complete); !written)
    return refuse(failure_of(written.error()));
  end_process(guard);
  return {};
}

HostResult<Report> confirm_profile(const HostOptions& options, const std::string& name) {
  const auto state = profiles::StateDir::locate(options.state_dir, options.places);
  if (!state) return refuse(failure_of(state.error()));
  const HostFailure nothing{ExitStatus::Failed,
                            "no apply of profile " + name + " waits for a confirmation here"};
  if (!has_journal(*state, name)) return refuse(nothing);
  auto open = OpenJournal::open(*state, name, options.program + " confirm " + options.profile,
                                LockWait::Never);
  if (!open) return refuse(std::move(open).error());
  const profiles::Journal& journal = open->journals().own;
  if (!journal.unfinished()) return refuse(nothing);
  Report report;
  report.command = "confirm";
  report.profile = name;
  report.host = journal.header().host;
  if (auto confirmed = confirm_open(options, *open); !confirmed)
    return refuse(std::move(confirmed).error());
  report.result = "confirmed";
  report.summary = "Confirmed: what was applied stays.";
  return report;
}

}  // namespace

ExitStatus confirm(const HostOptions& options, std::ostream& out, std::ostream& err) {
  const auto name = profile_name(options.profile);
  if (!name) return print(name.error(), "confirm", options, out, err);
  const auto report = confirm_profile(options, *name);
  if (!report) return print(report.error(), "confirm", options, out, err);
  return print(*report, options, out);
}

}  // namespace lvs::host
