#include "net/cli/command.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "net/cli/nearest.h"

namespace lvs::cli {
namespace {

std::function<ExitStatus(Streams)> prepare_apply(CLI::App& parser) {
  auto profile = std::make_shared<std::string>();
  auto host = std::make_shared<std::string>();
  parser.add_option("PROFILE", *profile)->required();
  parser.add_option("--host", *host);
  parser.add_option("--state-dir", "where the journal is");
  return [profile, host](Streams streams) {
    streams.out << "apply " << *profile << ' ' << *host;
    return ExitStatus::Differs;
  };
}

std::function<ExitStatus(Streams)> prepare_lab(CLI::App& parser) {
  parser.require_subcommand(1);
  CLI::App* up = parser.add_subcommand("up", "build it");
  parser.add_subcommand("down", "take it down");
  return [up](Streams streams) {
    streams.out << (up->parsed() ? "up" : "down");
    return ExitStatus::Ok;
  };
}

std::function<ExitStatus(Streams)> prepare_broken(CLI::App&) {
  return [](Streams) -> ExitStatus { throw std::logic_error("the sky fell"); };
}

constexpr std::array kCommands{
    Command{"apply", "make it so", prepare_apply},
    Command{"lab", "a cluster in namespaces", prepare_lab},
    Command{"broken", "throws", prepare_broken},
};
constexpr ProgramInfo kProgram{"lvs-test", "tests the command line", "1.2.3"};

struct Outcome {
  ExitStatus status = ExitStatus::Bug;
  std::string out;
  std::string err;
};

Outcome run(const std::vector<std::string>& args) {
  std::ostringstream out;
  std::ostringstream err;
  const ExitStatus status = dispatch(kProgram, kCommands, args, {out, err});
  return {status, out.str(), err.str()};
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Dispatch, RunsTheCommandWithItsOptionsAndGivesItsStatus) {
  const Outcome outcome = run({"apply", "web.toml", "--host", "lb1"});
  EXPECT_EQ(outcome.status, ExitStatus::Differs);
  EXPECT_EQ(outcome.out, "apply web.toml lb1");
  EXPECT_EQ(outcome.err, "");
}

TEST(Dispatch, TakesAFileThatIsCalledLikeACommand) {
  EXPECT_EQ(run({"apply", "lab"}).out, "apply lab ");
}

TEST(Dispatch, RunsASubcommandOfASubcommand) { EXPECT_EQ(run({"lab", "down"}).out, "down"); }

TEST(Dispatch, NamesTheNearestCommand) {
  const Outcome outcome = run({"aplpy", "web.toml"});
  EXPECT_EQ(outcome.status, ExitStatus::Usage);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(says(outcome.err, "unknown command `aplpy`; did you mean `apply`?")) << outcome.err;
  EXPECT_TRUE(says(outcome.err, "commands: apply lab broken")) << outcome.err;
}

TEST(Dispatch, NamesTheNearestOption) {
  const Outcome outcome = run({"apply", "web.toml", "--state_dir=/x"});
  EXPECT_EQ(outcome.status, ExitStatus::Usage);
  EXPECT_TRUE(says(outcome.err,
                   "lvs-test apply: unknown option `--state_dir`; "
                   "did you mean `--state-dir`?"))
      << outcome.err;
}

TEST(Dispatch, NamesTheNearestSubcommandOfASubcommand) {
  const Outcome outcome = run({"lab", "dwon"});
  EXPECT_EQ(outcome.status, ExitStatus::Usage);
  EXPECT_TRUE(says(outcome.err, "lvs-test lab: unknown command `dwon`; did you mean `down`?"))
      << outcome.err;
}

TEST(Dispatch, SuggestsNothingThatIsFarAway) {
  EXPECT_FALSE(says(run({"frobnicate"}).err, "did you mean"));
}

TEST(Dispatch, SaysThatACommandIsMissing) {
  const Outcome outcome = run({});
  EXPECT_EQ(outcome.status, ExitStatus::Usage);
  EXPECT_TRUE(says(outcome.err, "lvs-test: a command is missing")) << outcome.err;
  EXPECT_TRUE(says(run({"lab"}).err, "lvs-test lab: a command is missing"));
}

TEST(Dispatch, SaysWhichArgumentIsMissing) {
  const Outcome outcome = run({"apply"});
  EXPECT_EQ(outcome.status, ExitStatus::Usage);
  EXPECT_TRUE(says(outcome.err, "lvs-test apply: PROFILE is required")) << outcome.err;
}

TEST(Dispatch, SaysWhichArgumentIsTooMany) {
  const Outcome outcome = run({"apply", "a.toml", "b.toml"});
  EXPECT_EQ(outcome.status, ExitStatus::Usage);
  EXPECT_TRUE(says(outcome.err, "one argument too many: `b.toml`")) << outcome.err;
}

TEST(Dispatch, RefusesAnOptionWithoutItsValue) {
  EXPECT_EQ(run({"apply", "a.toml", "--host"}).status, ExitStatus::Usage);
}

TEST(Dispatch, HelpListsEveryCommandWithItsSummary) {
  const Outcome outcome = run({"--help"});
  EXPECT_EQ(outcome.status, ExitStatus::Ok);
  for (const Command& command : kCommands) {
    EXPECT_TRUE(says(outcome.out, std::string(command.name)));
    EXPECT_TRUE(says(outcome.out, std::string(command.summary)));
  }
}

TEST(Dispatch, HelpOfACommandNamesItsOptions) {
  const Outcome outcome = run({"apply", "--help"});
  EXPECT_EQ(outcome.status, ExitStatus::Ok);
  EXPECT_TRUE(says(outcome.out, "--state-dir")) << outcome.out;
  EXPECT_TRUE(says(outcome.out, "lvs-test apply")) << outcome.out;
}

TEST(Dispatch, VersionIsOneLine) {
  const Outcome outcome = run({"--version"});
  EXPECT_EQ(outcome.status, ExitStatus::Ok);
  EXPECT_EQ(outcome.out, "lvs-test 1.2.3\n");
}

int main_with(std::vector<std::string> args) {
  std::vector<char*> argv;
  argv.reserve(args.size());
  for (std::string& arg : args) argv.push_back(arg.data());
  return run_main(kProgram, kCommands, static_cast<int>(argv.size()), argv.data());
}

TEST(RunMain, CallsWhatIsThrownABug) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(main_with({"lvs-test", "broken"}), 70);
  EXPECT_TRUE(says(testing::internal::GetCapturedStderr(), "bug: the sky fell"));
}

TEST(RunMain, PassesTheStatusOn) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(main_with({"lvs-test", "apply", "x"}), 2);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "apply x ");
}

TEST(RunMain, SurvivesAnEmptyArgumentVector) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(main_with({}), 64);
  testing::internal::GetCapturedStderr();
}

TEST(Nearest, CountsASwapOfNeighboursAsOneEdit) {
  const std::array<std::string, 2> known{"tset", "word"};
  EXPECT_EQ(nearest("test", known), "tset");
}

TEST(Nearest, TakesTheClosestAndOfEqualsTheFirst) {
  const std::array<std::string, 3> known{"planet", "plan", "plat"};
  EXPECT_EQ(nearest("plam", known), "plan");
  EXPECT_EQ(nearest("plax", known), "plan");
}

TEST(Nearest, ComparesNoVeryLongWords) {
  const std::array<std::string, 1> known{std::string(1000, 'a')};
  EXPECT_EQ(nearest(std::string(1000, 'a'), known), std::nullopt);
}

}  // namespace
}  // namespace lvs::cli
