#include "profiles/host/commands.h"

#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "net/linux/namespace.h"
#include "profiles/core/read/words.h"
#include "profiles/host/export.h"
#include "profiles/host/failure.h"
#include "profiles/host/guard.h"
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

const char* program_of(profiles::Role role) {
  return role == profiles::Role::Director ? "lvs-director" : "lvs-realserver";
}

/// "90s" on the command line; what it says is checked while the line is parsed.
void declare_window(CLI::App& parser, HostOptions& options) {
  const auto read = [&options](const std::string& text) -> std::string {
    const auto length = profiles::reading::parse_duration(text);
    if (!length) return "`" + text + "` is no duration like 60s or 5m";
    if (*length < kLeastWindow || *length > kMostWindow)
      return "`" + text + "` is not from 1s to 24h";
    options.confirm_within = std::chrono::ceil<std::chrono::milliseconds>(*length);
    return {};
  };
  CLI::Option* option = parser.add_option("--confirm-within",
                                          "roll everything back unless `confirm` comes in this "
                                          "time (1s to 24h); not together with --persistent");
  option->type_name("DURATION")->check(read, "");
}

std::function<ExitStatus(cli::Streams)> prepare(CLI::App& parser, profiles::Role role,
                                                Operation operation, bool takes_name) {
  const auto line = std::make_shared<Line>();
  line->options.role = role;
  line->options.program = program_of(role);
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
  if (operation == export_host)
    parser.add_option("--format", line->options.format, "sh, networkd or sysctl")->required();
  if (operation == apply_profile) declare_window(parser, line->options);
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

/// The guard of an `apply --confirm-within`: started by it, in its namespace, and not for people.
template <profiles::Role role>
std::function<ExitStatus(cli::Streams)> prepare_guard(CLI::App& parser) {
  struct GuardLine {
    HostOptions options;
    pid_t applier = 0;
    std::int64_t window_ms = 0;
  };
  const auto line = std::make_shared<GuardLine>();
  line->options.role = role;
  line->options.program = program_of(role);
  parser.group("");
  parser.add_option("PROFILE", line->options.profile)->required();
  parser.add_option("--applier", line->applier)->required();
  parser.add_option("--window", line->window_ms)->required();
  parser.add_option("--state-dir", line->options.state_dir);
  return [line](cli::Streams streams) {
    line->options.confirm_within = std::chrono::milliseconds(line->window_ms);
    return guard(line->options, line->applier, streams.out);
  };
}

template <profiles::Role role>
std::vector<cli::Command> commands_for() {
  return {{"plan", "show what apply would change on this host", prepare_for<role, plan>},
          {"apply", "make this host what the profile says, all or nothing",
           prepare_for<role, apply_profile>},
          {"confirm", "keep what an apply --confirm-within made", prepare_for<role, confirm, true>},
          {"check", "report where this host differs from the profile", prepare_for<role, check>},
          {"export", "print what apply would do, for where it cannot run",
           prepare_for<role, export_host>},
          {"revert", "take back exactly what apply made", prepare_for<role, revert, true>},
          {"status", "show what apply made on this host", prepare_for<role, status, true>},
          {"guard", "take an unconfirmed apply back", prepare_guard<role>}};
}

}  // namespace

std::vector<cli::Command> host_commands(profiles::Role role) {
  return role == profiles::Role::Director ? commands_for<profiles::Role::Director>()
                                          : commands_for<profiles::Role::RealServer>();
}

}  // namespace lvs::host
