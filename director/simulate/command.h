#pragma once

#include <functional>

#include "net/cli/command.h"

namespace lvs::director::simulate {

/// `simulate`: reads records from standard input.
std::function<ExitStatus(cli::Streams)> prepare_simulate(CLI::App& parser);

}  // namespace lvs::director::simulate
