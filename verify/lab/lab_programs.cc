#include "verify/lab/lab_programs.h"

namespace lvs::verify {

using linux_net::Finished;

Check make_check(const std::string& id, Status status, const std::string& title) {
  return {
      .id = id, .status = status, .title = title, .host = {}, .evidence = {}, .why = {}, .fix = {}};
}

LabPrograms::Words LabPrograms::on_host(const std::string& host, const Words& command) const {
  Words words{"lab", "exec", lab_name(), host, "--state-dir", state_dir(), "--"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

Result<Finished> LabPrograms::run_self(const Words& args,
                                       std::chrono::milliseconds deadline) const {
  return linux_net::run_program({.path = self_, .args = args}, deadline);
}

Result<Finished> LabPrograms::run_on(const std::string& host, const Words& command,
                                     std::chrono::milliseconds deadline) const {
  return run_self(on_host(host, command), deadline);
}

Check LabPrograms::step(const std::string& id, const std::string& host,
                        const Words& command) const {
  const std::string shown = command.front().substr(command.front().rfind('/') + 1) + " " +
                            (command.size() > 1 ? command[1] : std::string{});
  tell(host + ": " + shown);
  const auto finished = run_on(host, command);
  Check check = make_check(id, Status::Pass, host + ": " + shown);
  if (finished && finished->exit_code == 0) return check;
  check.status = Status::Fail;
  check.host = host;
  check.title += finished ? " gave " + std::to_string(finished->exit_code) : " did not run";
  check.evidence.push_back(finished ? finished->err + finished->out : finished.error().what);
  return check;
}

}  // namespace lvs::verify
