#include "director/commands.h"

#include <cerrno>
#include <memory>

#include <CLI/CLI.hpp>

#include "director/io/control_client.h"
#include "director/io/director.h"
#include "director/io/listing.h"
#include "net/linux/namespace.h"

namespace lvs::director {
namespace {

using cli::Streams;

constexpr std::chrono::seconds kPatience{10};

/// What both commands take.
struct Common {
  std::optional<std::string> netns;
  std::optional<std::string> state_dir;
  std::optional<std::string> socket;
};

void declare(CLI::App& parser, Common& common) {
  parser.add_option("--netns", common.netns, "run in this network namespace: NAME, PATH or PID");
  parser.add_option("--state-dir", common.state_dir, "folder of the state")
      ->envname("LVSKIT_STATE_DIR");
  parser.add_option("--socket", common.socket, "the director's control socket")
      ->envname("LVSKIT_SOCKET");
}

ExitStatus report(const Error& error, std::ostream& err) {
  const bool denied = error.sys_errno == EPERM || error.sys_errno == EACCES;
  err << "lvs-director: " << error.what << '\n';
  return denied ? ExitStatus::NoPermission : ExitStatus::Failed;
}

Result<void> enter(const std::optional<std::string>& netns) {
  if (!netns) return {};
  LVS_TRY(const linux_net::NetNamespace target, linux_net::NetNamespace::open(*netns));
  return target.enter();
}

struct RunLine {
  Common common;
  RunOptions options;
  bool no_setup = false;
};

ExitStatus run(RunLine line, std::span<const SchedulerName> schedulers, Streams streams) {
  if (const auto entered = enter(line.common.netns); !entered)
    return report(entered.error(), streams.err);
  line.options.host.state_dir = line.common.state_dir;
  line.options.socket = line.common.socket;
  line.options.set_up = !line.no_setup;
  line.options.host.program = "lvs-director";
  line.options.host.role = profiles::Role::Director;
  return run_director(line.options, streams.err, schedulers);
}

struct ListLine {
  Common common;
  bool connections = false;
  bool json = false;
};

/// Every page; a connection that comes or goes meanwhile may be missed or told twice, none other.
Result<Json> all_connections(ControlClient& client) {
  Json all = Json::array();
  std::int64_t from = 0;
  do {
    LVS_TRY(const Json page,
            client.ask(Json::object({{"command", "connections"}, {"from", from}}), kPatience));
    const Json* const list = page.find("connections");
    if (list == nullptr || list->as_array() == nullptr)
      return fail("the director's reply has no connections");
    for (const Json& connection : *list->as_array()) all.push(connection);
    LVS_TRY(from, page.int_at("next"));
  } while (from != 0);
  return all;
}

ExitStatus list_from(ControlClient& client, const ListLine& line, Streams streams) {
  Result<Json> state = client.ask(Json::object({{"command", "list"}}), kPatience);
  if (!state) return report(state.error(), streams.err);
  Json connections;
  if (line.connections) {
    Result<Json> all = all_connections(client);
    if (!all) return report(all.error(), streams.err);
    connections = *std::move(all);
  }
  if (!line.json) {
    streams.out << listing_text(*state, connections);
    return ExitStatus::Ok;
  }
  if (line.connections) state->set("connection_list", std::move(connections));
  streams.out << to_pretty_text(*state);
  return ExitStatus::Ok;
}

ExitStatus list(const ListLine& line, Streams streams) {
  if (const auto entered = enter(line.common.netns); !entered)
    return report(entered.error(), streams.err);
  const auto path = control_socket_path(line.common.socket, line.common.state_dir);
  if (!path) return report(path.error(), streams.err);
  auto client = ControlClient::connect(*path);
  if (client) return list_from(*client, line, streams);
  const int number = client.error().sys_errno;
  if (number != ENOENT && number != ECONNREFUSED) return report(client.error(), streams.err);
  streams.err << "lvs-director list: no director runs here (nobody listens at " << path->string()
              << ")\n  start one with: lvs-director run PROFILE\n";
  return ExitStatus::Failed;
}

}  // namespace

std::function<ExitStatus(Streams)> prepare_run(CLI::App& parser,
                                               std::span<const SchedulerName> schedulers) {
  const auto line = std::make_shared<RunLine>();
  parser.add_option("PROFILE", line->options.host.profile, "the profile's file")->required();
  parser.add_option("--host", line->options.host.host,
                    "which host of the profile this is; default: the one whose addresses are here");
  parser.add_flag("--no-setup", line->no_setup, "leave the host as it is: it was set up before");
  declare(parser, line->common);
  return [line, schedulers](Streams streams) { return run(*line, schedulers, streams); };
}

std::function<ExitStatus(Streams)> prepare_list(CLI::App& parser) {
  const auto line = std::make_shared<ListLine>();
  parser.add_flag("--connections", line->connections, "every connection too");
  parser.add_flag("--json", line->json, "one JSON document");
  declare(parser, line->common);
  return [line](Streams streams) { return list(*line, streams); };
}

std::vector<cli::Command> director_commands() {
  const auto prepare = [](CLI::App& parser) { return prepare_run(parser, kSchedulers); };
  return {{"run", "set this host up, forward until SIGTERM, take the set-up back", prepare},
          {"list", "services, servers and counters of the running director", prepare_list}};
}

}  // namespace lvs::director
