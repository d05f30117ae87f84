#pragma once

#include <vector>

#include "net/cli/command.h"

namespace lvs::director {

/// `run` and `list`.
std::vector<cli::Command> commands();

}  // namespace lvs::director
