#include "net/cli/command.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <optional>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "net/cli/nearest.h"

namespace lvs::cli {
namespace {

using Run = std::function<ExitStatus(Streams)>;

struct Prepared {
  CLI::App* parser = nullptr;  ///< never null; owned by the program's parser
  Run run;
};

void declare_program(CLI::App& app, const ProgramInfo& program) {
  app.name(std::string(program.name));
  app.description(std::string(program.summary));
  app.set_version_flag("--version", std::string(program.name) + " " + std::string(program.version));
  app.require_subcommand(1);
}

std::vector<Prepared> declare_commands(CLI::App& app, std::span<const Command> commands) {
  std::vector<Prepared> all;
  for (const Command& command : commands) {
    CLI::App* parser = app.add_subcommand(std::string(command.name), std::string(command.summary));
    all.push_back({parser, command.prepare(*parser)});
  }
  return all;
}

/// The subcommand of a subcommand … that the line got to.
CLI::App* deepest(CLI::App& app) {
  CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

/// "lvs-verify lab up": what a person typed to get here.
std::string full_name(const CLI::App* app) {
  std::string name = app->get_name();
  for (const CLI::App* at = app->get_parent(); at != nullptr; at = at->get_parent())
    name.insert(0, at->get_name() + " ");
  return name;
}

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

bool is_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

/// What is wrong with a word that nobody took.
std::string about_unknown(const CLI::App& app, std::string_view word) {
  const std::string_view bare =
      word.substr(0, is_option(word) ? word.find('=') : std::string_view::npos);
  const bool wants_command = !is_option(word) && !subcommands_of(app).empty();
  std::string text = is_option(word) ? "unknown option "
                     : wants_command ? "unknown command "
                                     : "one argument too many: ";
  text += "`" + std::string(bare) + "`";
  if (!is_option(word) && !wants_command) return text;

  const auto known = is_option(word) ? options_of(app) : subcommands_of(app);
  if (const auto meant = nearest(bare, known)) text += "; did you mean `" + *meant + "`?";
  return text;
}

ExitStatus usage_error(const CLI::App& app, const std::string& what, std::ostream& err) {
  const std::string name = full_name(&app);
  err << name << ": " << what << '\n';
  const std::vector<std::string> subcommands = subcommands_of(app);
  if (!subcommands.empty()) {
    err << "commands:";
    for (const std::string& command : subcommands) err << ' ' << command;
    err << '\n';
  }
  err << "`" << name << " --help` tells more\n";
  return ExitStatus::Usage;
}

/// The sentence for a line that CLI11 refused. Its own lists everything that was left over and
/// knows no neighbours, so the first unknown word is named here instead.
ExitStatus refused(CLI::App& app, const CLI::Error& error, std::ostream& err) {
  const CLI::App* at = deepest(app);
  const std::vector<std::string> left = app.remaining(true);
  const auto unknown =
      std::ranges::find_if(left, [](const std::string& word) { return word != "--"; });
  if (unknown != left.end()) return usage_error(*at, about_unknown(*at, *unknown), err);
  if (!subcommands_of(*at).empty()) return usage_error(*at, "a command is missing", err);
  return usage_error(*at, error.what(), err);
}

/// nullopt: the line is right, and what it asks for can run.
std::optional<ExitStatus> parse(CLI::App& app, std::span<const std::string> args, Streams streams) {
  try {
    std::vector<std::string> reversed(args.rbegin(), args.rend());  // as CLI11 wants them
    app.parse(std::move(reversed));
    return std::nullopt;
  } catch (const CLI::CallForVersion& version) {
    streams.out << version.what() << '\n';
    return ExitStatus::Ok;
  } catch (const CLI::Success&) {
    const CLI::App* at = deepest(app);
    streams.out << at->help(at->get_parent() == nullptr ? "" : full_name(at->get_parent()));
    return ExitStatus::Ok;
  } catch (const CLI::ParseError& error) {
    return refused(app, error, streams.err);
  }
}

}  // namespace

ExitStatus dispatch(const ProgramInfo& program, std::span<const Command> commands,
                    std::span<const std::string> args, Streams streams) {
  CLI::App app;
  declare_program(app, program);
  const std::vector<Prepared> prepared = declare_commands(app, commands);
  if (const auto status = parse(app, args, streams)) return *status;

  const auto chosen =
      std::ranges::find_if(prepared, [](const Prepared& each) { return each.parser->parsed(); });
  return chosen->run(streams);  // require_subcommand(1): there is one
}

int run_main(const ProgramInfo& program, std::span<const Command> commands, int argc, char** argv) {
  const Streams streams{std::cout, std::cerr};
  ExitStatus status = ExitStatus::Bug;
  try {
    const std::vector<std::string> args(argv + std::min(argc, 1), argv + argc);
    status = dispatch(program, commands, args, streams);
    std::cout.flush();
  } catch (const std::exception& problem) {
    std::cerr << "bug: " << problem.what() << "; please report\n";
  } catch (...) {
    std::cerr << "bug: something unknown was thrown; please report\n";
  }
  return static_cast<int>(status);
}

}  // namespace lvs::cli
