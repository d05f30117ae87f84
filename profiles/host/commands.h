#pragma once

#include <vector>

#include "net/cli/command.h"
#include "profiles/core/profile.h"

namespace lvs::host {

/// plan, apply, check, revert and status for the program that sets `role` up: RealServer is
/// lvs-realserver, Director is lvs-director.
std::vector<cli::Command> host_commands(profiles::Role role);

}  // namespace lvs::host
