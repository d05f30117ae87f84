// lvs-realserver: makes a host a real server of the cluster, shows how it differs, puts it back.

#include "profiles/host/commands.h"

int main(int argc, char** argv) {
  const std::vector<lvs::cli::Command> commands =
      lvs::host::host_commands(lvs::profiles::Role::RealServer);
  return lvs::cli::run_main({.name = "lvs-realserver",
                             .summary = "sets a real server's host up, checks it, puts it back",
                             .version = "0.1.0"},
                            commands, argc, argv);
}
