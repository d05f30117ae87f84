#pragma once

#include <functional>
#include <span>
#include <vector>

#include "director/core/scheduler/table.h"
#include "net/cli/command.h"

namespace lvs::director {

/// `run`, with the schedulers that this program has.
std::function<ExitStatus(cli::Streams)> prepare_run(CLI::App& parser,
                                                    std::span<const SchedulerName> schedulers);
/// `list`.
std::function<ExitStatus(cli::Streams)> prepare_list(CLI::App& parser);

/// The director's own commands; those of the host part are host::host_commands().
std::vector<cli::Command> director_commands();

}  // namespace lvs::director
