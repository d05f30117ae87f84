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

/// What a line of the shell prints, also when a part of it fails: a link without clsact has no
/// filters, a kernel may lack a family.
std::string shell(const std::string& line) { return output_of("/bin/sh", {"-c", line + "; true"}); }

/// The settings of every link and of `all` and `default`, as the kernel has them.
std::string sysctls() {
  std::string text;
  for (const char* folder : {"/proc/sys/net/ipv4/conf", "/proc/sys/net/ipv6/conf"}) {
    std::error_code error;
    for (const auto& item : std::filesystem::recursive_directory_iterator(folder, error)) {
      if (!item.is_regular_file(error)) continue;
      const std::string key = item.path().string().substr(std::string("/proc/sys/").size());
      if (const auto value = linux_net::read_sysctl(key)) text += key + " = " + *value + "\n";
    }
  }
  return text;
}

/// Somebody made these; what the kernel learnt comes and goes by itself.
std::string neighbours() {
  return shell("ip neighbour show nud permanent") + shell("ip neighbour show proxy");
}

std::string traffic_control() {
  std::string text = shell("tc qdisc show");
  // These hooks are there with that qdisc alone; dumps are made by the hundred.
  if (text.find(" clsact ") == std::string::npos && text.find(" ingress ") == std::string::npos)
    return text;
  return text + shell(
                    "for link in $(ip -o link show | cut -d: -f2 | cut -d@ -f1); do for hook in "
                    "ingress egress; do tc filter show dev $link $hook 2>/dev/null | sed "
                    "\"s/^/$link $hook "
                    "/\"; done; done");
}

/// Its own tables: what iptables-nft makes is among those of nft.
std::string iptables_legacy() {
  return shell(
      "for save in iptables-legacy-save ip6tables-legacy-save; do command -v $save >/dev/null && "
      "$save | grep -v '^#'; done");
}

}  // namespace

std::string normalised(const std::string& dump) {
  static const std::regex counters(R"(packets \d+ bytes \d+)");
  static const std::regex handles(R"( *# handle \d+)");
  static const std::regex references(R"(refcnt \d+)");
  static const std::regex chain_counters(R"(\[\d+:\d+\])");
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
    line = std::regex_replace(line, references, "refcnt N");
    line = std::regex_replace(line, chain_counters, "[N:N]");
    line = std::regex_replace(line, lifetimes, "$1 N");
    if (line.rfind("== ", 0) == 0) {
      end_section(sorted);
      // Rules and filters are in order, and their lines are no objects of their own.
      sorted = line != "== nft" && line != "== iptables" && line != "== tc";
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
  return normalised("== links\n" + output_of("ip", {"-o", "-d", "link", "show"}) +
                    "== addresses\n" + output_of("ip", {"-o", "-d", "address", "show"}) +
                    "== routes\n" + output_of("ip", {"-d", "route", "show", "table", "all"}) +
                    "== rules\n" + output_of("ip", {"rule", "show"}) +
                    output_of("ip", {"-6", "rule", "show"}) + "== neighbours\n" + neighbours() +
                    "== nft\n" + output_of("nft", {"list", "ruleset"}) + "== iptables\n" +
                    iptables_legacy() + "== tc\n" + traffic_control() + "== sysctls\n" + sysctls());
}

}  // namespace lvs::test
