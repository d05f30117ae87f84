#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "verify/commands.h"
#include "verify/io/profile_file.h"
#include "verify/lab/enter.h"
#include "verify/lab/fault.h"
#include "verify/lab/lab.h"
#include "verify/lab/lab_test.h"
#include "verify/print.h"
#include "verify/self_path.h"

namespace lvs::verify {
namespace {

using cli::Streams;

/// Everything that the words after `lab` can say.
struct LabLine {
  LabOptions lab;
  std::string host;
  std::vector<std::string> command;
  std::string fault;
  std::optional<std::string> inject;
  std::optional<std::string> bin_dir;
  std::size_t connections = 100;
  bool json = false;
};

ExitStatus up(const LabLine& line, Streams streams) {
  const auto lab = lab_up(line.lab);
  if (!lab) return print(lab.error(), "lab up", line.json, streams);
  if (line.json) {
    Json document = to_json(lab->record);
    document.set("program", "lvs-verify").set("command", "lab up").set("result", "up");
    streams.out << to_pretty_text(document);
    return ExitStatus::Ok;
  }
  streams.out << "lab " << lab->record.name << " is up: " << lab->record.host_names() << '\n'
              << "folder " << lab->folder.string() << ", holder is pid " << lab->record.holder.pid
              << '\n';
  return ExitStatus::Ok;
}

ExitStatus down(const LabLine& line, Streams streams) {
  const auto was_up = lab_down(line.lab);
  if (!was_up) return print(was_up.error(), "lab down", line.json, streams);
  if (line.json)
    streams.out << to_pretty_text(Json::object({{"schema", 1},
                                                {"program", "lvs-verify"},
                                                {"command", "lab down"},
                                                {"result", *was_up ? "down" : "was not up"}}));
  else
    streams.out << (*was_up ? "lab is down\n" : "no such lab is up; nothing to do\n");
  return ExitStatus::Ok;
}

ExitStatus list(const LabLine& line, Streams streams) {
  const auto labs = list_labs(line.lab.state_dir);
  if (!labs) return print(labs.error(), "lab list", line.json, streams);
  Json array = Json::array();
  for (const LabRecord& lab : *labs) {
    array.push(to_json(lab));
    if (line.json) continue;
    streams.out << lab.name << "  " << (is_running(lab.holder) ? "up" : "lost its holder")
                << "  hosts " << lab.host_names() << "  from " << lab.profile << '\n';
  }
  if (line.json)
    streams.out << to_pretty_text(Json::object({{"schema", 1},
                                                {"program", "lvs-verify"},
                                                {"command", "lab list"},
                                                {"result", "listed"},
                                                {"labs", std::move(array)}}));
  return ExitStatus::Ok;
}

ExitStatus exec_in_host(const LabLine& line, Streams streams) {
  const auto lab = find_lab(line.lab);
  if (!lab) return print(lab.error(), "lab exec", line.json, streams);
  streams.out.flush();
  return print(run_in_host(lab->record, line.host, lab->folder, line.command), "lab exec",
               line.json, streams);
}

ExitStatus shell(LabLine line, Streams streams) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  const char* said = std::getenv("SHELL");
  line.command = {said == nullptr || *said == '\0' ? "/bin/sh" : said};
  streams.err << "host " << line.host << " of lab " << line.lab.profile_or_name
              << "; leave with `exit`\n"
              << std::flush;
  return exec_in_host(line, streams);
}

Outcome<std::string> break_host(const LabLine& line) {
  auto lab = find_lab(line.lab);
  if (!lab) return tl::unexpected(std::move(lab).error());
  auto profile = load_profile(lab->record.profile);
  if (!profile) return tl::unexpected(std::move(profile).error());
  const auto injection = parse_injection(line.fault, *profile);
  if (!injection) return refuse(ExitStatus::Usage, injection.error().what);
  const RecordedHost* host = lab->record.host(injection->host);
  if (host == nullptr) return refuse(ExitStatus::Failed, "the lab has no host " + injection->host);
  if (auto entered = enter_host(lab->record, *host); !entered)
    return tl::unexpected(to_failure(entered.error()));
  if (auto broken = inject(*injection); !broken) return tl::unexpected(to_failure(broken.error()));
  return injection->host + ": " + std::string{injection->fault->summary};
}

ExitStatus inject_fault(const LabLine& line, Streams streams) {
  const auto done = break_host(line);
  if (!done) return print(done.error(), "lab inject", line.json, streams);
  streams.out << "injected on " << *done << '\n';
  return ExitStatus::Ok;
}

ExitStatus test(const LabLine& line, Streams streams) {
  const std::string beside = std::filesystem::path{line.lab.self}.parent_path().string();
  const LabTestOptions options{.lab = line.lab,
                               .bin_dir = line.bin_dir.value_or(beside),
                               .inject = line.inject,
                               .connections = line.connections};
  const auto report = lab_test(options, streams.err);
  if (!report) return print(report.error(), "lab test", line.json, streams);
  return print(*report, line.json, streams);
}

using Act = ExitStatus (*)(const LabLine&, Streams);

/// One word after `lab`.
struct LabWord {
  const char* name;
  const char* summary;
  Act act;
  void (*declare)(CLI::App&, LabLine&);
};

void declare_lab(CLI::App& parser, LabLine& line) {
  parser.add_option("LAB", line.lab.profile_or_name, "a profile, or the name of a lab that is up")
      ->required();
  parser.add_option("--name", line.lab.name, "another name than the profile's");
}

void declare_host(CLI::App& parser, LabLine& line) {
  declare_lab(parser, line);
  parser.add_option("HOST", line.host, "a host of the lab")->required();
}

void declare_exec(CLI::App& parser, LabLine& line) {
  declare_host(parser, line);
  parser.add_option("COMMAND", line.command, "the command, after --")->required();
}

void declare_inject(CLI::App& parser, LabLine& line) {
  declare_lab(parser, line);
  parser.add_option("FAULT", line.fault, "F01, or F01:HOST")->required();
}

void declare_test(CLI::App& parser, LabLine& line) {
  declare_lab(parser, line);
  parser.add_option("--inject", line.inject, "break one thing on purpose: F01, or F01:HOST");
  parser.add_option("--bin-dir", line.bin_dir, "where lvs-realserver and lvs-director are");
  parser.add_option("--connections", line.connections, "how many, for each service")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
}

ExitStatus shell_act(const LabLine& line, Streams streams) { return shell(line, streams); }

constexpr LabWord kWords[] = {
    {"up", "build the profile's cluster in network namespaces", up, declare_lab},
    {"test", "up, set up, run, check, down: prove the profile", test, declare_test},
    {"shell", "a shell on a host of the lab", shell_act, declare_host},
    {"exec", "run one command on a host of the lab", exec_in_host, declare_exec},
    {"inject", "break one thing in a lab on purpose", inject_fault, declare_inject},
    {"down", "end the lab and remove everything of it", down, declare_lab},
    {"list", "the labs that there are", list, [](CLI::App&, LabLine&) {}},
};

}  // namespace

std::function<ExitStatus(Streams)> prepare_lab(CLI::App& parser) {
  auto line = std::make_shared<LabLine>();
  line->lab.self = self_path();
  auto chosen = std::make_shared<Act>(nullptr);
  parser.require_subcommand(1);
  for (const LabWord& word : kWords) {
    CLI::App* sub = parser.add_subcommand(word.name, word.summary);
    word.declare(*sub, *line);
    sub->add_option("--state-dir", line->lab.state_dir, "folder below which labs keep theirs");
    sub->add_flag("--json", line->json, "one JSON document instead of text");
    sub->callback([chosen, act = word.act] { *chosen = act; });
  }
  return [line, chosen](Streams streams) { return (*chosen)(*line, streams); };
}

}  // namespace lvs::verify
