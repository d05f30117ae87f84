#include "tests/lab/shell.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

namespace lvs::test {
namespace {

using linux_net::Finished;

constexpr std::chrono::seconds kLongest{30};

Finished run(const linux_net::Program& program) {
  auto finished = linux_net::run_program(program, kLongest);
  return finished ? std::move(*finished) : Finished{.exit_code = -1, .err = finished.error().what};
}

}  // namespace

Finished shell_in(int netns_fd, const std::string& line) {
  return run({.path = "/bin/sh", .args = {"-c", line}, .netns_fd = netns_fd});
}

Finished shell(const std::string& line) { return shell_in(-1, line); }

bool succeeds(const std::string& line) { return shell("set -e\n" + line).exit_code == 0; }
bool succeeds_in(int netns_fd, const std::string& line) {
  return shell_in(netns_fd, "set -e\n" + line).exit_code == 0;
}

std::string output_of(const std::string& program, std::vector<std::string> args,
                      const std::string& input) {
  const Finished done = run({.path = program, .args = std::move(args), .input = input});
  EXPECT_EQ(done.exit_code, 0) << program << ": " << done.err;
  return done.out;
}

}  // namespace lvs::test
