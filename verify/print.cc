#include "verify/print.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "verify/io/report_json.h"

namespace lvs::verify {
namespace {

bool wants_colour(const std::ostream& out) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  return &out == &std::cout && isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace

ExitStatus print(const Report& report, bool json, cli::Streams streams) {
  if (json)
    streams.out << to_pretty_text(to_json(report));
  else
    streams.out << to_text(report, wants_colour(streams.out));
  return exit_status(report);
}

ExitStatus print(const Failure& failure, const std::string& command, bool json,
                 cli::Streams streams) {
  if (json) streams.out << to_pretty_text(failure_to_json(command, failure.message));
  const bool about_profile = failure.status == ExitStatus::BadProfile;
  streams.err << (about_profile ? "" : "lvs-verify: ") << failure.message << '\n';
  return failure.status;
}

}  // namespace lvs::verify
