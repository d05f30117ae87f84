// lvs-realserver: makes a host a real server of the cluster, shows how it differs, puts it back.

#include <string>
#include <vector>

#include "profiles/core/decap_arguments.h"
#include "profiles/host/commands.h"
#include "realserver/decap/run.h"

int main(int argc, char** argv) {
  // Not for people, so not in the table of commands: `apply` starts it.
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments.front() == lvs::profiles::kDecapCommand)
    return lvs::realserver::run_decap(arguments);
  const std::vector<lvs::cli::Command> commands =
      lvs::host::host_commands(lvs::profiles::Role::RealServer);
  return lvs::cli::run_main({.name = "lvs-realserver",
                             .summary = "sets a real server's host up, checks it, puts it back",
                             .version = "0.1.0"},
                            commands, argc, argv);
}
