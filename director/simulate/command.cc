#include "director/simulate/command.h"

#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>

#include "director/core/ipvsadm/names.h"
#include "director/simulate/simulate.h"

namespace lvs::director::simulate {
namespace {

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return std::nullopt;
  return text.str();
}

ExitStatus simulate(const std::string& hosts, cli::Streams streams) {
  ipvsadm::NameTable table;
  if (!hosts.empty()) {
    const std::optional<std::string> text = read_file(hosts);
    if (!text) {
      streams.err << "lvs-director simulate: " << hosts << " cannot be read\n";
      return ExitStatus::Failed;
    }
    table.read_hosts(*text);
  }
  table.read_services(read_file("/etc/services").value_or(""));
  return simulate_lines(std::cin, streams.out, table.names()) ? ExitStatus::Ok : ExitStatus::Failed;
}

}  // namespace

std::function<ExitStatus(cli::Streams)> prepare_simulate(CLI::App& parser) {
  const auto hosts = std::make_shared<std::string>();
  parser.add_option("--hosts", *hosts, "names of hosts, as /etc/hosts has them");
  return [hosts](cli::Streams streams) { return simulate(*hosts, streams); };
}

}  // namespace lvs::director::simulate
