#include "profiles/host/commands.h"

#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "net/linux/namespace.h"
#include "profiles/host/failure.h"
#include "profiles/host/host_part.h"
#include "profiles/host/report.h"

namespace lvs::host {
namespace {

using Operation = ExitStatus (*)(const HostOptions&, std::ostream&, std::ostream&);

/// What the command line fills in before the command runs.
struct Line {
  HostOptions options;
  std::optional<std::string> netns;
};

Result<void> enter(const std::optional<std::string>& netns) {
  if (!netns) return {};
  LVS_TRY(const linux_net::NetNamespace there, linux_net::NetNamespace::open(*netns));
  return there.enter();
}

std::function<ExitStatus(cli::Streams)> prepare(CLI::App& parser, profiles::Role role,
                                                Operation operation, bool takes_name) {
  const auto line = std::make_shared<Line>();
  line->options.role = role;
  line->options.program = role == profiles::Role::Director ? "lvs-director" : "lvs-realserver";
  parser
      .add_option("PROFILE", line->options.profile,
                  takes_name ? "the profile's file, or its name" : "the profile's file")
      ->required();
  parser.add_option("--host", line->options.host,
                    "which host of the profile this machine is (default: by its addresses)");
  parser.add_option("--netns", line->netns, "network namespace to work in: name, path or pid");
  parser.add_option("--state-dir", line->options.state_dir, "folder for journals and sockets");
  parser.add_flag("--json", line->options.json, "print one JSON document");
  if (operation == plan || operation == apply_profile)
    parser.add_flag("--persistent", line->options.persistent,
                    "also make it come back after a boot: a sysctl.d file and a systemd unit");
  return [line, operation, name = parser.get_name()](cli::Streams streams) {
    if (auto entered = enter(line->netns); !entered)
      return print(failure_of(entered.error()), name, line->options, streams.out, streams.err);
    return operation(line->options, streams.out, streams.err);
  };
}

template <profiles::Role role, Operation operation, bool takes_name = false>
std::function<ExitStatus(cli::Streams)> prepare_for(CLI::App& parser) {
  return prepare(parser, role, operation, takes_name);
}

template <profiles::Role role>
std::vector<cli::Command> commands_for() {
  return {{"plan", "show what apply would change on this host", prepare_for<role, plan>},
          {"apply", "make this host what the profile says, all or nothing",
           prepare_for<role, apply_profile>},
          {"check", "report where this host differs from the profile", prepare_for<role, check>},
          {"revert", "take back exactly what apply made", prepare_for<role, revert, true>},
          {"status", "show what apply made on this host", prepare_for<role, status, true>}};
}

}  // namespace

std::vector<cli::Command> host_commands(profiles::Role role) {
  return role == profiles::Role::Director ? commands_for<profiles::Role::Director>()
                                          : commands_for<profiles::Role::RealServer>();
}

}  // namespace lvs::host
