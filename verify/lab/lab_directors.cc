#include "verify/lab/lab_directors.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <utility>

namespace lvs::verify {
namespace {

using linux_net::ChildProcess;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReadyWithin{20};
constexpr std::chrono::seconds kStopWithin{20};
constexpr std::chrono::milliseconds kBetweenLooks{50};

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

Check LabDirectors::start(const std::string& host) {
  programs_.tell(host + ": lvs-director run");
  const std::string log = programs_.file("director-" + host + ".log");
  const std::string director = programs_.path_of("lvs-director");
  auto started = ChildProcess::start(
      {.path = programs_.self(),
       .args = programs_.on_host(host, {director, "run", programs_.profile(), "--host", host})},
      {.log_path = log});
  Check check = make_check("setup.run", Status::Pass, host + ": lvs-director run answers");
  if (started) {
    directors_.push_back({host, *std::move(started), log});
    if (wait_ready(directors_.back())) return check;
    check.evidence.push_back(text_of(log));
  } else {
    check.evidence.push_back(started.error().what);
  }
  check.status = Status::Fail;
  check.host = host;
  check.title = host + ": lvs-director run does not answer";
  return check;
}

/// Asks over the director's own socket until it answers or the director has ended.
bool LabDirectors::wait_ready(Director& director) const {
  const auto deadline = Clock::now() + kReadyWithin;
  while (Clock::now() < deadline) {
    const auto listed =
        programs_.run_on(director.host, {programs_.path_of("lvs-director"), "list"});
    if (listed && listed->exit_code == 0) return true;
    if (director.process.wait_until(Clock::now() + kBetweenLooks)) return false;
  }
  return false;
}

std::vector<Check> LabDirectors::stop() {
  std::vector<Check> checks;
  for (Director& director : directors_) checks.push_back(stop(director));
  return checks;
}

Check LabDirectors::stop(Director& director) const {
  programs_.tell(director.host + ": stop lvs-director");
  const auto signalled = director.process.signal(SIGTERM);
  const auto status = director.process.wait_until(Clock::now() + kStopWithin);
  if (signalled && status && *status == 0)
    return make_check("teardown.stop", Status::Pass,
                      director.host + ": lvs-director ended cleanly");
  Check check = make_check("teardown.stop", Status::Fail,
                           director.host + ": lvs-director did not end cleanly");
  check.host = director.host;
  check.evidence.push_back((status ? "exit status " + std::to_string(*status) : "still running") +
                           "\n" + text_of(director.log));
  return check;
}

}  // namespace lvs::verify
