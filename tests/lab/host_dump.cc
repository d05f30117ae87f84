#include "tests/support/host_dump.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>
#include <vector>

#include "net/linux/namespace.h"
#include "net/linux/process.h"
#include "net/linux/sysctl.h"

namespace lvs::test {
namespace {

std::string output_of(const std::string& path, const std::vector<std::string>& args) {
  // A child runs in the namespace of the thread that starts it, or in the one it is told.
  const auto here = linux_net::NetNamespace::current();
  if (!here) return "! " + here.error().what + "\n";
  linux_net::Program program;
  program.path = path;
  program.args = args;
  program.netns_fd = here->fd();
  const auto finished = linux_net::run_program(program, std::chrono::seconds(10));
  if (!finished) return "! " + path + ": " + finished.error().what + "\n";
  if (finished->exit_code != 0) return "! " + path + ": " + finished->err;
  return finished->out;
}

/// The settings of every link and of `all` and `default`, as the kernel has them.
std::string sysctls() {
  std::string text;
  std::error_code error;
  for (const auto& item :
       std::filesystem::recursive_directory_iterator("/proc/sys/net/ipv4/conf", error)) {
    if (!item.is_regular_file(error)) continue;
    const std::string key = item.path().string().substr(std::string("/proc/sys/").size());
    if (const auto value = linux_net::read_sysctl(key)) text += key + " = " + *value + "\n";
  }
  return text;
}

}  // namespace

std::string normalised(const std::string& dump) {
  static const std::regex counters(R"(packets \d+ bytes \d+)");
  static const std::regex handles(R"( *# handle \d+)");
  static const std::regex lifetimes(R"(((valid|preferred)_lft|expires) \d+sec)");
  std::string result;
  std::vector<std::string> section;
  const auto end_section = [&](bool sorted) {
    if (sorted) std::sort(section.begin(), section.end());
    for (const std::string& line : section) result += line + "\n";
    section.clear();
  };
  std::istringstream lines(dump);
  bool sorted = false;
  for (std::string line; std::getline(lines, line);) {
    line = std::regex_replace(line, counters, "packets N bytes N");
    line = std::regex_replace(line, handles, "");
    line = std::regex_replace(line, lifetimes, "$1 N");
    if (line.rfind("== ", 0) == 0) {
      end_section(sorted);
      // The rules of nftables are in order, and their lines are no objects of their own.
      sorted = line.find("nft") == std::string::npos;
      result += line + "\n";
      continue;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    if (!line.empty()) section.push_back(line);
  }
  end_section(sorted);
  return result;
}

std::string dump_host() {
  return normalised("== addresses\n" + output_of("ip", {"-o", "-d", "address", "show"}) +
                    "== routes\n" + output_of("ip", {"-d", "route", "show", "table", "all"}) +
                    "== nft\n" + output_of("nft", {"list", "ruleset"}) + "== sysctls\n" +
                    sysctls());
}

}  // namespace lvs::test
