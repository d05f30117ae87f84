#include "verify/lab/lab_test.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "verify/io/profile_file.h"
#include "verify/lab/fault.h"
#include "verify/lab/host_parts.h"
#include "verify/lab/lab_directors.h"
#include "verify/lab/lab_judgement.h"
#include "verify/lab/lab_programs.h"
#include "verify/lab/topology.h"

namespace lvs::verify {
namespace {

using profiles::Profile;

/// One run of `lab test`, from up to down.
class Session {
 public:
  Session(const LabTestOptions& options, const Profile& profile, const Topology& topology,
          const LabPrograms& programs)
      : options_(options),
        profile_(profile),
        topology_(topology),
        programs_(programs),
        directors_(programs) {}

  /// Everything between up and down; the checks are in the report whatever happens.
  void run(Report& report) {
    if (set_up_hosts(report) && look_for_drift(report) && break_something(report)) {
      for (Check& check : judge_lab({programs_, profile_, topology_}, options_.connections))
        report.checks.push_back(std::move(check));
    }
    take_back(report);
  }

 private:
  /// Takes a check in; false when it failed.
  static bool take(Report& report, Check check) {
    report.checks.push_back(std::move(check));
    return report.checks.back().status != Status::Fail;
  }

  /// `COMMAND PROFILE --host HOST` of the host's program.
  bool step(Report& report, const std::string& id, const HostPart& part,
            const std::string& command) const {
    const LabPrograms::Words words{programs_.path_of(part.program), command, programs_.profile(),
                                   "--host", part.host};
    return take(report, programs_.step(id, part.host, words));
  }

  /// A director that cannot forward these services is set up all the same, and not started.
  bool set_up_hosts(Report& report) {
    for (const HostPart& part : host_parts(profile_)) {
      const bool runs = part.program == "lvs-director" && not_forwarded(profile_).empty();
      if (!runs) applied_.push_back(part);
      if (runs ? !take(report, directors_.start(part.host))
               : !step(report, "setup.apply", part, "apply"))
        return false;
    }
    return true;
  }

  /// Every host that was set up must say itself that it is as the profile says.
  bool look_for_drift(Report& report) const {
    return std::all_of(applied_.begin(), applied_.end(), [&](const HostPart& part) {
      return step(report, "setup.check", part, "check");
    });
  }

  bool break_something(Report& report) const {
    if (!options_.inject) return true;
    programs_.tell("inject " + *options_.inject);
    const auto finished =
        programs_.run_self({"lab", "inject", programs_.lab_name(), *options_.inject, "--state-dir",
                            programs_.state_dir()},
                           kSetupWithin);
    if (finished && finished->exit_code == 0) return true;
    Check check = make_check("setup.inject", Status::Fail, "the fault could not be injected");
    check.evidence.push_back(finished ? finished->err : finished.error().what);
    return take(report, std::move(check));
  }

  void take_back(Report& report) {
    for (Check& check : directors_.stop()) take(report, std::move(check));
    const std::vector<HostPart> newest_first(applied_.rbegin(), applied_.rend());
    for (const HostPart& part : newest_first) {
      step(report, "teardown.revert", part, "revert");
      forgive_fault(report.checks.back());
    }
  }

  /// What the fault changed is somebody else's change to `revert`, which leaves and lists it:
  /// right, and no failure of what is tested.
  void forgive_fault(Check& check) const {
    if (!options_.inject || check.status != Status::Fail) return;
    const auto injection = parse_injection(*options_.inject, profile_);
    if (!injection || injection->host != check.host) return;
    check.status = Status::Warn;
    check.why = "the injected fault changed what apply had set";
  }

  const LabTestOptions& options_;
  const Profile& profile_;
  const Topology& topology_;
  const LabPrograms& programs_;
  LabDirectors directors_;
  std::vector<HostPart> applied_;
};

}  // namespace

Outcome<Report> lab_test(const LabTestOptions& options, std::ostream& progress) {
  auto profile = load_profile(options.lab.profile_or_name);
  if (!profile) return tl::unexpected(std::move(profile).error());
  if (options.inject)
    if (auto parsed = parse_injection(*options.inject, *profile); !parsed)
      return refuse(ExitStatus::Usage, parsed.error().what);
  progress << "lab up\n" << std::flush;
  auto lab = lab_up(options.lab);
  if (!lab) return tl::unexpected(std::move(lab).error());
  LabOptions named = options.lab;
  named.name = lab->record.name;
  Report report{.command = "lab test", .profile = profile->name, .checks = {}};
  if (const auto topology = make_topology(*profile, lab->record.name)) {
    const LabPrograms programs(options.lab.self, options.bin_dir, *std::move(lab), progress);
    Session{options, *profile, *topology, programs}.run(report);
  }
  progress << "lab down\n" << std::flush;
  if (auto down = lab_down(named); !down) return tl::unexpected(std::move(down).error());
  return report;
}

}  // namespace lvs::verify
