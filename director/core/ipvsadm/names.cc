#include "director/core/ipvsadm/names.h"

#include <vector>

#include "director/core/ipvsadm/numbers.h"
#include "director/core/ipvsadm/words.h"
#include "net/wire/addr_text.h"

namespace lvs::director::ipvsadm {
namespace {

/// Calls `take` with the words of each line, without its comment.
template <typename Take>
void for_each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const std::vector<std::string> words = split_words(line.substr(0, line.find('#')));
    if (words.size() >= 2) take(words);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::optional<Protocol> protocol_named(std::string_view name) {
  if (name == "tcp") return Protocol::Tcp;
  if (name == "udp") return Protocol::Udp;
  if (name == "sctp") return Protocol::Sctp;
  return std::nullopt;
}

}  // namespace

void NameTable::read_hosts(std::string_view text) {
  for_each_line(text, [this](const std::vector<std::string>& words) {
    const std::optional<IpAddr> address = parse_ip(words[0]);
    if (!address) return;
    auto& hosts = address->is_v4() ? ipv4_hosts_ : ipv6_hosts_;
    for (std::size_t i = 1; i < words.size(); ++i) hosts.emplace(words[i], *address);
  });
}

void NameTable::read_services(std::string_view text) {
  for_each_line(text, [this](const std::vector<std::string>& words) {
    const std::size_t slash = words[1].find('/');
    if (slash == std::string::npos) return;
    const auto number = parse_number(std::string_view{words[1]}.substr(0, slash), {0, 65535});
    const auto protocol = protocol_named(std::string_view{words[1]}.substr(slash + 1));
    if (!number || !protocol) return;
    const Port port{static_cast<std::uint16_t>(*number)};
    ports_.emplace(PortName{words[0], *protocol}, port);
    for (std::size_t i = 2; i < words.size(); ++i)
      ports_.emplace(PortName{words[i], *protocol}, port);
  });
}

std::optional<IpAddr> NameTable::find_host(std::string_view name) const {
  if (const auto found = ipv4_hosts_.find(name); found != ipv4_hosts_.end()) return found->second;
  if (const auto found = ipv6_hosts_.find(name); found != ipv6_hosts_.end()) return found->second;
  return std::nullopt;
}

std::optional<Port> NameTable::find_port(std::string_view name, Protocol protocol) const {
  const auto found = ports_.find(PortName{std::string{name}, protocol});
  if (found == ports_.end()) return std::nullopt;
  return found->second;
}

Names NameTable::names() const {
  return {.host = [this](std::string_view name) { return find_host(name); },
          .port = [this](std::string_view name,
                         Protocol protocol) { return find_port(name, protocol); }};
}

}  // namespace lvs::director::ipvsadm
