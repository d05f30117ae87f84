#include <vector>

#include "director/commands.h"
#include "director/simulate/command.h"
#include "net/cli/command.h"
#include "profiles/host/commands.h"

int main(int argc, char** argv) {
  std::vector<lvs::cli::Command> commands = lvs::director::director_commands();
  commands.push_back({"simulate", "what the engine makes of recorded commands and packets",
                      lvs::director::simulate::prepare_simulate});
  for (const auto& command : lvs::host::host_commands(lvs::profiles::Role::Director))
    commands.push_back(command);
  return lvs::cli::run_main({.name = "lvs-director",
                             .summary = "the director of a Linux virtual server",
                             .version = "0.1.0"},
                            commands, argc, argv);
}
