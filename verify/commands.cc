#include "verify/commands.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "net/linux/namespace.h"
#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "verify/core/duration.h"
#include "verify/io/arp_state.h"
#include "verify/io/owner_run.h"
#include "verify/io/profile_file.h"
#include "verify/io/rotation_run.h"
#include "verify/lab/echo.h"
#include "verify/lab/greeter.h"
#include "verify/print.h"

namespace lvs::verify {
namespace {

using cli::Streams;
using Run = std::function<ExitStatus(Streams)>;

/// What every check takes.
struct Common {
  std::string profile;
  std::optional<std::string> netns;
  bool json = false;
};

void declare(CLI::App& parser, Common& common) {
  parser.add_option("PROFILE", common.profile, "the profile of the cluster")->required();
  parser.add_option("--netns", common.netns, "run in this network namespace: NAME, PATH or PID");
  parser.add_flag("--json", common.json, "one JSON document instead of text");
}

Outcome<profiles::Profile> open(const Common& common) {
  auto profile = load_profile(common.profile);
  if (!profile || !common.netns) return profile;
  auto target = linux_net::NetNamespace::open(*common.netns);
  if (!target) return tl::unexpected(to_failure(target.error()));
  if (auto entered = target->enter(); !entered) return tl::unexpected(to_failure(entered.error()));
  return profile;
}

struct OwnerLine {
  Common common;
  std::string window = "2s";
  std::vector<std::string> states;
};

Result<NamedArpState> read_state_file(const std::string& path) {
  std::ifstream file{path};
  if (!file) return fail("read " + path, errno);
  LVS_TRY(const Json json, parse_json(std::string{std::istreambuf_iterator<char>{file}, {}}));
  return arp_state_from_json(json);
}

Outcome<Report> judge_owner_line(const OwnerLine& line) {
  OwnerOptions options;
  const auto window = parse_duration(line.window);
  if (!window || window->count() == 0)
    return refuse(ExitStatus::Usage, "--window: expected a time such as 2s, found " + line.window);
  options.window = *window;
  for (const std::string& path : line.states) {
    auto state = read_state_file(path);
    if (!state)
      return refuse(ExitStatus::Usage, "--host-state " + path + ": " + state.error().what);
    options.states.emplace(state->host, state->state);
  }
  auto profile = open(line.common);
  if (!profile) return tl::unexpected(std::move(profile).error());
  auto report = run_owner(*profile, options);
  if (!report) return tl::unexpected(to_failure(report.error()));
  return *std::move(report);
}

std::vector<Port> ports_of(const std::vector<std::uint16_t>& numbers) {
  std::vector<Port> ports;
  for (const std::uint16_t number : numbers) ports.push_back(Port{number});
  return ports;
}

struct RotationLine {
  Common common;
  std::optional<std::string> service;
  std::size_t connections = 100;
  std::vector<std::string> from;
  std::vector<std::uint16_t> ports;
};

Outcome<Report> judge_rotation_line(const RotationLine& line) {
  RotationOptions options{.service = line.service, .connections = line.connections, .from = {}};
  for (const std::string& text : line.from) {
    const auto address = parse_ip(text);
    if (!address) return refuse(ExitStatus::Usage, "--from: expected an address, found " + text);
    options.from.push_back(*address);
  }
  if (!line.ports.empty()) options.ports = ports_of(line.ports);
  auto profile = open(line.common);
  if (!profile) return tl::unexpected(std::move(profile).error());
  auto report = run_rotation(*profile, options);
  if (report) return *std::move(report);
  if (report.error().sys_errno == EINVAL) return refuse(ExitStatus::Usage, report.error().what);
  return tl::unexpected(to_failure(report.error()));
}

ExitStatus print_outcome(const Outcome<Report>& outcome, const std::string& command, bool json,
                         Streams streams) {
  if (!outcome) return print(outcome.error(), command, json, streams);
  return print(*outcome, json, streams);
}

struct StateLine {
  Common common;
  std::string host;
};

Outcome<Json> read_state(const StateLine& line) {
  auto profile = open(line.common);
  if (!profile) return tl::unexpected(std::move(profile).error());
  const profiles::Host* host = profile->host(line.host);
  if (host == nullptr)
    return refuse(ExitStatus::Usage, "--host: the profile has no host " + line.host);
  const auto state = read_arp_state(*profile, *host);
  if (!state) return tl::unexpected(to_failure(state.error()));
  return to_json(host->name, *state);
}

struct EchoLine {
  std::string name;
  std::vector<std::uint16_t> ports;
};

}  // namespace

Run prepare_owner(CLI::App& parser) {
  auto line = std::make_shared<OwnerLine>();
  declare(parser, line->common);
  parser.add_option("--window", line->window, "how long to collect answers for each VIP")
      ->capture_default_str();
  parser.add_option("--host-state", line->states,
                    "what `arp-state` printed on a real server: tells why it answers");
  return [line](Streams streams) {
    return print_outcome(judge_owner_line(*line), "owner", line->common.json, streams);
  };
}

Run prepare_rotation(CLI::App& parser) {
  auto line = std::make_shared<RotationLine>();
  declare(parser, line->common);
  parser.add_option("--service", line->service, "only the service of this name");
  parser.add_option("--connections", line->connections, "how many, for each service")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  parser.add_option("--from", line->from, "source addresses, taken in turn")->delimiter(',');
  parser
      .add_option("--ports", line->ports,
                  "where services of every port are asked (default 80,8080)")
      ->delimiter(',');
  return [line](Streams streams) {
    return print_outcome(judge_rotation_line(*line), "rotation", line->common.json, streams);
  };
}

Run prepare_arp_state(CLI::App& parser) {
  auto line = std::make_shared<StateLine>();
  declare(parser, line->common);
  parser.add_option("--host", line->host, "which host of the profile this is")->required();
  return [line](Streams streams) {
    const auto document = read_state(*line);
    if (!document) return print(document.error(), "arp-state", line->common.json, streams);
    streams.out << to_pretty_text(*document);
    return ExitStatus::Ok;
  };
}

Run prepare_echo(CLI::App& parser) {
  auto line = std::make_shared<EchoLine>();
  parser.add_option("--name", line->name, "what answers begin with")->required();
  parser.add_option("--port", line->ports, "UDP port; may be repeated")->required();
  return [line](Streams streams) {
    const auto ended = run_echo(line->name, ports_of(line->ports));
    return print(to_failure(ended.error()), "echo", false, streams);
  };
}

Run prepare_greet(CLI::App& parser) {
  auto line = std::make_shared<EchoLine>();
  parser.add_option("--name", line->name, "whom the greeting names")->required();
  parser.add_option("--port", line->ports, "TCP port; may be repeated")->required();
  return [line](Streams streams) {
    const auto ended = run_greeter(line->name, ports_of(line->ports));
    return print(to_failure(ended.error()), "greet", false, streams);
  };
}

}  // namespace lvs::verify
