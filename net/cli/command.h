#pragma once

#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "net/base/exit_status.h"

// NOLINTNEXTLINE(readability-identifier-naming): CLI11 chose its name
namespace CLI {
class App;
}

namespace lvs::cli {

/// Where a command writes: streams, so that a test needs no process.
struct Streams {
  std::ostream& out;
  std::ostream& err;
};

/// One subcommand. The table is the only place that knows a command's name and summary, so `--help`
/// and the documentation cannot disagree. `prepare` declares the command's options on its CLI11
/// parser and returns what is to run once the line has been parsed.
struct Command {
  std::string_view name;
  std::string_view summary;  ///< one line, no full stop
  std::function<ExitStatus(Streams)> (*prepare)(CLI::App& parser) = nullptr;
};

struct ProgramInfo {
  std::string_view name;     ///< "lvs-director"
  std::string_view summary;  ///< what the program is for, one line
  std::string_view version;
};

/// Parses the command line (argv without the program's name) and runs one command. Usage errors
/// print what was wrong and the nearest known option, and give 64; --help and --version give 0.
/// A library's own exit codes never come through.
ExitStatus dispatch(const ProgramInfo& program, std::span<const Command> commands,
                    std::span<const std::string> args, Streams streams);

/// The body of main(): dispatch with the last catch that prints "bug:" and gives 70.
int run_main(const ProgramInfo& program, std::span<const Command> commands, int argc, char** argv);

}  // namespace lvs::cli
