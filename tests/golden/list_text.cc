#include "tests/golden/list_text.h"

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "net/wire/addr_text.h"

namespace lvs::test {
namespace {

using namespace lvs::director;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string endpoint(const IpAddr& address, Port port) {
  const std::string text = to_string(address);
  return (address.is_v4() ? text : '[' + text + ']') + ':' + std::to_string(port.number);
}

std::string identity(const ServiceKey& key) {
  if (key.mark != 0) return "FWM  " + std::to_string(key.mark) + (key.vip.is_v4() ? "" : " IPv6");
  return std::string{key.protocol == Protocol::Udp ? "UDP" : "TCP"} + "  " +
         endpoint(key.vip, key.port);
}

std::string flags(const ServiceConfig& config) {
  const std::string& prefix = config.scheduler;
  std::string text;
  if (config.scheduler_flags.falls_back()) text += prefix + "-fallback";
  if (config.scheduler_flags.hashes_port()) text += (text.empty() ? "" : ",") + prefix + "-port";
  return text.empty() ? text : " (" + text + ')';
}

std::string persistence(const ServiceConfig& config) {
  if (!config.persistence) return {};
  std::string text = " persistent " + std::to_string(config.persistence->timeout_s);
  const std::uint8_t mask = config.persistence->mask;
  if (mask == config.key.vip.bits()) return text;
  const Ipv4Addr dotted{~std::uint32_t{0} << (32u - mask)};
  return text + " mask " + (config.key.vip.is_v4() ? to_string(dotted) : std::to_string(mask));
}

std::string service_line(const ServiceConfig& config) {
  return identity(config.key) + ' ' + config.scheduler + flags(config) + persistence(config) +
         (config.one_packet ? " ops" : "");
}

std::string server_line(const ServerStatus& server) {
  const ForwardMethod method = server.config.method;
  const char* const forward = method == ForwardMethod::Masq ? "Masq" : "Route";
  return "  -> " + padded(endpoint(server.config.address, server.config.port), 28) + ' ' +
         padded(forward, 7) + ' ' + padded(std::to_string(server.config.weight), 6) + ' ' +
         padded(std::to_string(server.active), 10) + ' ' +
         padded(std::to_string(server.inactive), 10);
}

}  // namespace

std::vector<std::string> list_lines(const std::string& recorded) {
  constexpr int kTitles = 3;
  std::istringstream in(recorded);
  std::vector<std::string> lines;
  int number = 0;
  for (std::string line; std::getline(in, line);)
    if (++number > kTitles && !line.empty()) lines.push_back(line);
  return lines;
}

std::vector<std::string> list_lines(const std::vector<ServiceStatus>& services) {
  std::vector<std::string> lines;
  for (const ServiceStatus& service : services) {
    lines.push_back(service_line(service.config));
    std::vector<ServerStatus> servers = service.servers;
    std::ranges::sort(servers, [](const ServerStatus& a, const ServerStatus& b) {
      return std::pair{a.config.address, a.config.port} <
             std::pair{b.config.address, b.config.port};
    });
    for (const ServerStatus& server : servers) lines.push_back(server_line(server));
  }
  return lines;
}

}  // namespace lvs::test
