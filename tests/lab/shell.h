#pragma once

#include <string>
#include <vector>

#include "net/linux/process.h"

// Other people's programs (ip, nft, curl) as tests use them.

namespace lvs::test {

/// Runs a line of sh in the network namespace of the calling thread, and ends it after half a
/// minute. What could not be run gives exit code -1, and why in `err`.
linux_net::Finished shell(const std::string& line);
/// The same in that namespace.
linux_net::Finished shell_in(int netns_fd, const std::string& line);
/// True when the line succeeds; all its commands must (set -e).
bool succeeds(const std::string& line);
bool succeeds_in(int netns_fd, const std::string& line);

/// A program's standard output. It must succeed, or the test has failed.
std::string output_of(const std::string& program, std::vector<std::string> args,
                      const std::string& input = "");

}  // namespace lvs::test
