#include "director/simulate/marks.h"

#include <string_view>

#include "director/core/ipvsadm/numbers.h"
#include "net/wire/addr_text.h"

namespace lvs::director::simulate {
namespace {

using ipvsadm::parse_number;

std::optional<Prefix> parse_network(std::string_view text) {
  if (const auto prefix = parse_prefix(text)) return prefix;
  const auto address = parse_ip(text);
  if (!address) return std::nullopt;
  return Prefix{*address, address->bits()};
}

std::optional<Protocol> parse_protocol(std::string_view text) {
  if (text == "tcp") return Protocol::Tcp;
  if (text == "udp") return Protocol::Udp;
  return std::nullopt;
}

/// False: no such option, or not such a value.
bool take(MarkingRule& rule, std::string_view option, std::string_view value) {
  if (option == "-d") return (rule.destination = parse_network(value)).has_value();
  if (option == "-s") return (rule.source = parse_network(value)).has_value();
  if (option == "-p") return (rule.protocol = parse_protocol(value)).has_value();
  if (option == "-t") return value == "mangle";
  if (option == "-A") return value == "PREROUTING";
  if (option == "-j") return value == "MARK";
  if (option == "-m") return value == "tcp" || value == "udp";
  if (option == "--dport") {
    const auto number = parse_number(value, ipvsadm::kPortRange);
    if (number) rule.port = Port{static_cast<std::uint16_t>(*number)};
    return number.has_value();
  }
  if (option != "--set-mark") return false;
  rule.mark = parse_number(value, {1, 0xffffffff}).value_or(0);
  return rule.mark != 0;
}

}  // namespace

bool MarkingRule::matches(const ClientFlow& flow) const {
  if (destination && !destination->contains(flow.vip)) return false;
  if (source && !source->contains(flow.client)) return false;
  if (protocol && *protocol != flow.protocol) return false;
  return !port || *port == flow.vip_port;
}

Result<MarkingRule> parse_marking_rule(std::span<const std::string> words) {
  MarkingRule rule;
  for (; words.size() >= 2; words = words.subspan(2))
    if (!take(rule, words[0], words[1]))
      return fail("a rule of iptables: \"" + words[0] + ' ' + words[1] + "\" is not understood");
  if (!words.empty() || rule.mark == 0) return fail("a rule of iptables that sets no mark");
  return rule;
}

std::uint32_t mark_of(std::span<const MarkingRule> rules, const ClientFlow& flow) {
  std::uint32_t mark = 0;
  for (const MarkingRule& rule : rules)
    if (rule.matches(flow)) mark = rule.mark;
  return mark;
}

}  // namespace lvs::director::simulate
