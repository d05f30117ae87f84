// lvs-director in every respect but one: its `rr` always chooses the first server that may take the
// flow. A check of the rotation that passes here would pass anywhere.

#include <array>
#include <optional>

#include "director/commands.h"
#include "net/cli/command.h"

namespace {

using lvs::director::NewFlow;
using lvs::director::OutsideScheduler;
using lvs::director::Scheduler;
using lvs::director::SchedulerName;
using lvs::director::SchedulerSetup;
using lvs::director::ServerList;

/// The first in list order: the last seat.
std::optional<std::size_t> always_first(const ServerList& servers, const NewFlow& /*flow*/) {
  for (std::size_t seat = servers.size(); seat-- > 0;)
    if (servers[seat].takes_new_flows()) return seat;
  return std::nullopt;
}

constexpr std::array kBrokenSchedulers{SchedulerName{
    "rr", "always the first server",
    [](const SchedulerSetup& /*setup*/) { return Scheduler{OutsideScheduler{always_first}}; }}};

constexpr std::array kCommands{
    lvs::cli::Command{
        "run", "forward, always to the first server",
        [](CLI::App& parser) { return lvs::director::prepare_run(parser, kBrokenSchedulers); }},
    lvs::cli::Command{"list", "services, servers and counters", lvs::director::prepare_list}};

}  // namespace

int main(int argc, char** argv) {
  return lvs::cli::run_main(
      {.name = "broken-director", .summary = "a director that is wrong", .version = "0.1.0"},
      kCommands, argc, argv);
}
