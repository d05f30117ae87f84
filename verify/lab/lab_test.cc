#include "verify/lab/lab_test.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <utility>
#include <vector>

#include "net/linux/process.h"
#include "profiles/core/derive.h"
#include "verify/io/profile_file.h"
#include "verify/io/report_json.h"
#include "verify/lab/fault.h"
#include "verify/lab/host_parts.h"
#include "verify/lab/topology.h"

namespace lvs::verify {
namespace {

using linux_net::ChildProcess;
using linux_net::Finished;
using profiles::Profile;
using profiles::Role;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds kSetupWithin{30};
constexpr std::chrono::seconds kReadyWithin{20};
constexpr std::chrono::minutes kChecksWithin{5};
constexpr std::chrono::seconds kStopWithin{20};
constexpr std::chrono::milliseconds kBetweenLooks{50};

Check make_check(const std::string& id, Status status, const std::string& title) {
  return {
      .id = id, .status = status, .title = title, .host = {}, .evidence = {}, .why = {}, .fix = {}};
}

/// The LANs on which a director has the VIP.
std::vector<std::size_t> lans_of_vip(const Topology& topology, const Profile& profile,
                                     const IpAddr& vip) {
  std::vector<std::size_t> lans;
  for (const profiles::Host& director : profile.hosts) {
    const profiles::Nic* nic =
        director.has(Role::Director) ? profiles::nic_for(director, vip) : nullptr;
    const LabHost* built = nic == nullptr ? nullptr : topology.host(director.name);
    if (built == nullptr) continue;
    for (const LabNic& theirs : built->nics)
      if (theirs.name == nic->name) lans.push_back(theirs.lan);
  }
  return lans;
}

bool is_on_one_of(const LabHost& host, const std::vector<std::size_t>& lans) {
  return std::any_of(host.nics.begin(), host.nics.end(), [&lans](const LabNic& nic) {
    return std::find(lans.begin(), lans.end(), nic.lan) != lans.end();
  });
}

/// A director that runs in the lab.
struct Director {
  std::string host;
  ChildProcess process;
  std::string log;
};

/// One run of `lab test`, from up to down.
class Session {
 public:
  Session(const LabTestOptions& options, const Profile& profile, const Topology& topology,
          RunningLab lab, std::ostream& progress)
      : options_(options),
        profile_(profile),
        topology_(topology),
        lab_(std::move(lab)),
        progress_(progress) {}

  /// Everything between up and down; the checks are in the report whatever happens.
  void run(Report& report) {
    if (set_up_hosts(report) && look_for_drift(report)) {
      if (break_something(report)) {
        look_at_servers();
        judge(report);
      }
    }
    take_back(report);
  }

 private:
  Words in_host(const std::string& host, const Words& command) const {
    Words words{"lab", "exec",        lab_.record.name,
                host,  "--state-dir", lab_.folder.parent_path().string(),
                "--"};
    words.insert(words.end(), command.begin(), command.end());
    return words;
  }

  Result<Finished> run_self(const Words& args, std::chrono::milliseconds deadline) const {
    return linux_net::run_program(
        {.path = options_.lab.self, .args = args, .extra_environment = {}, .input = {}}, deadline);
  }

  std::string program(const std::string& name) const { return options_.bin_dir + "/" + name; }

  /// Runs one of our programs on a host; a failed run is a failed check.
  bool step(Report& report, const std::string& id, const std::string& host, const Words& command) {
    const std::string shown = command.front().substr(command.front().rfind('/') + 1) + " " +
                              (command.size() > 1 ? command[1] : std::string{});
    progress_ << host << ": " << shown << "\n" << std::flush;
    const auto finished = run_self(in_host(host, command), kSetupWithin);
    Check check = make_check(id, Status::Pass, host + ": " + shown);
    if (finished && finished->exit_code == 0) {
      report.checks.push_back(std::move(check));
      return true;
    }
    check.status = Status::Fail;
    check.host = host;
    check.title += finished ? " gave " + std::to_string(finished->exit_code) : " did not run";
    check.evidence.push_back(finished ? finished->err + finished->out : finished.error().what);
    report.checks.push_back(std::move(check));
    return false;
  }

  std::vector<std::string> hosts_with(Role role, Role without) const {
    std::vector<std::string> names;
    for (const profiles::Host& host : profile_.hosts)
      if (host.has(role) && !host.has(without)) names.push_back(host.name);
    return names;
  }

  /// A director that cannot forward these services is set up all the same, and not started.
  bool set_up_hosts(Report& report) {
    for (const HostPart& part : host_parts(profile_)) {
      const bool runs = part.program == "lvs-director" && not_forwarded(profile_).empty();
      if (runs ? !start_director(report, part.host) : !apply_on(report, part)) return false;
    }
    return true;
  }

  bool apply_on(Report& report, const HostPart& part) {
    applied_.push_back(part);
    return step(report, "setup.apply", part.host, words_for(part, "apply"));
  }

  /// Every host that was set up must say itself that it is as the profile says.
  bool look_for_drift(Report& report) {
    return std::all_of(applied_.begin(), applied_.end(), [&](const HostPart& part) {
      return step(report, "setup.check", part.host, words_for(part, "check"));
    });
  }

  Words words_for(const HostPart& part, const std::string& command) const {
    return {program(part.program), command, lab_.record.profile, "--host", part.host};
  }

  bool start_director(Report& report, const std::string& host) {
    progress_ << host << ": lvs-director run\n" << std::flush;
    const std::string log = (lab_.folder / ("director-" + host + ".log")).string();
    auto started = ChildProcess::start(
        {.path = options_.lab.self,
         .args =
             in_host(host, {program("lvs-director"), "run", lab_.record.profile, "--host", host}),
         .extra_environment = {},
         .input = {}},
        {.log_path = log});
    Check check = make_check("setup.run", Status::Pass, host + ": lvs-director run answers");
    if (!started) {
      check.evidence.push_back(started.error().what);
    } else {
      directors_.push_back({host, *std::move(started), log});
      if (wait_ready(directors_.back())) {
        report.checks.push_back(std::move(check));
        return true;
      }
      check.evidence.push_back(text_of(log));
    }
    check.status = Status::Fail;
    check.host = host;
    check.title = host + ": lvs-director run does not answer";
    report.checks.push_back(std::move(check));
    return false;
  }

  /// Asks over the director's own socket until it answers or the director has ended.
  bool wait_ready(Director& director) {
    const auto deadline = Clock::now() + kReadyWithin;
    while (Clock::now() < deadline) {
      const auto listed =
          run_self(in_host(director.host, {program("lvs-director"), "list"}), kSetupWithin);
      if (listed && listed->exit_code == 0) return true;
      if (director.process.wait_until(Clock::now() + kBetweenLooks)) return false;
    }
    return false;
  }

  bool break_something(Report& report) {
    if (!options_.inject) return true;
    progress_ << "inject " << *options_.inject << "\n" << std::flush;
    const auto finished = run_self({"lab", "inject", lab_.record.name, *options_.inject,
                                    "--state-dir", lab_.folder.parent_path().string()},
                                   kSetupWithin);
    if (finished && finished->exit_code == 0) return true;
    Check check = make_check("setup.inject", Status::Fail, "the fault could not be injected");
    check.evidence.push_back(finished ? finished->err : finished.error().what);
    report.checks.push_back(std::move(check));
    return false;
  }

  /// What each server's own settings are, so that the diagnosis can tell why a server answers ARP.
  /// A host that cannot be looked at is judged by the wire alone.
  void look_at_servers() {
    for (const std::string& host : hosts_with(Role::RealServer, Role::Director)) {
      const auto finished = run_self(
          in_host(host, {options_.lab.self, "arp-state", lab_.record.profile, "--host", host}),
          kSetupWithin);
      if (!finished || finished->exit_code != 0) continue;
      const std::string path = (lab_.folder / ("arp-state-" + host + ".json")).string();
      std::ofstream{path} << finished->out;
      states_.push_back(path);
    }
  }

  /// The host from which a VIP can be asked for: a client of its network, else a router there.
  std::string vantage(bool on_lan) const {
    std::string client;
    for (const Role role : {Role::Client, Role::Router}) {
      for (const LabHost& host : topology_.hosts) {
        if (!host.has(role)) continue;
        if (client.empty()) client = host.name;
        if (!on_lan || sees_vip(host)) return host.name;
      }
    }
    return client;
  }

  bool sees_vip(const LabHost& host) const {
    const auto services = profiles::expand(profile_);
    return std::any_of(services.begin(), services.end(), [&](const auto& service) {
      return is_on_one_of(host, lans_of_vip(topology_, profile_, service.vip));
    });
  }

  void judge(Report& report) {
    Words owner{options_.lab.self, "owner", lab_.record.profile, "--json"};
    for (const std::string& state : states_) {
      owner.emplace_back("--host-state");
      owner.push_back(state);
    }
    collect(report, "owner", vantage(true), owner);
    if (const std::string what = not_forwarded(profile_); !what.empty()) {
      Check skipped = make_check("rotation", Status::Skip, "no connection was made to any service");
      skipped.why = "the director of this version does not forward " + what;
      report.checks.push_back(std::move(skipped));
      return;
    }
    collect(report, "rotation", vantage(false),
            {options_.lab.self, "rotation", lab_.record.profile, "--connections",
             std::to_string(options_.connections), "--json"});
  }

  /// Runs a check of ours on a host and takes its checks over.
  void collect(Report& report, const std::string& what, const std::string& host,
               const Words& command) {
    progress_ << host << ": lvs-verify " << what << "\n" << std::flush;
    const auto finished = run_self(in_host(host, command), kChecksWithin);
    Check check = make_check(what, Status::Fail, what + " could not be judged");
    if (!finished) {
      check.evidence.push_back(finished.error().what);
      report.checks.push_back(std::move(check));
      return;
    }
    const auto json = parse_json(finished->out);
    auto read = json ? report_from_json(*json) : Result<Report>{tl::unexpected(json.error())};
    if (!read) {
      check.evidence.push_back(read.error().what + "\n" + finished->err);
      report.checks.push_back(std::move(check));
      return;
    }
    for (Check& each : read->checks) report.checks.push_back(std::move(each));
  }

  void take_back(Report& report) {
    for (Director& director : directors_) stop(report, director);
    const std::vector<HostPart> newest_first(applied_.rbegin(), applied_.rend());
    for (const HostPart& part : newest_first) {
      step(report, "teardown.revert", part.host, words_for(part, "revert"));
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

  void stop(Report& report, Director& director) {
    progress_ << director.host << ": stop lvs-director\n" << std::flush;
    const auto signalled = director.process.signal(SIGTERM);
    const auto status = director.process.wait_until(Clock::now() + kStopWithin);
    Check check =
        make_check("teardown.stop", Status::Pass, director.host + ": lvs-director ended cleanly");
    if (!signalled || !status || *status != 0) {
      check.status = Status::Fail;
      check.host = director.host;
      check.title = director.host + ": lvs-director did not end cleanly";
      check.evidence.push_back(
          (status ? "exit status " + std::to_string(*status) : "still running") + "\n" +
          text_of(director.log));
    }
    report.checks.push_back(std::move(check));
  }

  static std::string text_of(const std::string& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  const LabTestOptions& options_;
  const Profile& profile_;
  const Topology& topology_;
  RunningLab lab_;
  std::ostream& progress_;
  std::vector<HostPart> applied_;
  std::vector<Director> directors_;
  std::vector<std::string> states_;
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
  if (const auto topology = make_topology(*profile, lab->record.name))
    Session{options, *profile, *topology, *std::move(lab), progress}.run(report);
  progress << "lab down\n" << std::flush;
  if (auto down = lab_down(named); !down) return tl::unexpected(std::move(down).error());
  return report;
}

}  // namespace lvs::verify
