#include "profiles/core/decap_arguments.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

constexpr std::array<std::pair<TunnelType, std::string_view>, 3> kTypes{{
    {TunnelType::Ipip, "ipip"},
    {TunnelType::Gue, "gue"},
    {TunnelType::Gre, "gre"},
}};

std::string text_of(const DecapTarget& target) {
  std::string text;
  for (const auto& [type, name] : kTypes)
    if (type == target.type) text = name;
  text += "," + to_string(target.outer);
  if (target.type == TunnelType::Gue) text += "," + std::to_string(target.port.number);
  return text;
}

/// The part before the next comma, taken off `rest`.
std::string_view take_part(std::string_view& rest) {
  const std::size_t comma = rest.find(',');
  const std::string_view part = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  return part;
}

std::optional<Port> parse_port(std::string_view text) {
  std::uint16_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number == 0) return std::nullopt;
  return Port{number};
}

std::optional<DecapTarget> parse_target(std::string_view text) {
  const std::string_view word = take_part(text);
  const std::optional<IpAddr> outer = parse_ip(take_part(text));
  for (const auto& [type, name] : kTypes) {
    if (name != word || !outer) continue;
    if (type != TunnelType::Gue)
      return text.empty() ? std::optional(DecapTarget{*outer, type, {}}) : std::nullopt;
    const std::optional<Port> port = parse_port(text);
    if (port) return DecapTarget{*outer, type, *port};
  }
  return std::nullopt;
}

Result<void> take_option(DecapProcess& process, const std::string& option,
                         const std::string& value) {
  if (option == "--profile") {
    process.profile = value;
    return {};
  }
  if (option == "--target") {
    const auto target = parse_target(value);
    if (target) process.rules.targets.push_back(*target);
    return target ? Result<void>{}
                  : fail("--target " + value + ": expected TYPE,ADDRESS or gue,ADDRESS,PORT");
  }
  if (option == "--vip") {
    const auto vip = parse_ip(value);
    if (vip) process.rules.vips.push_back(*vip);
    return vip ? Result<void>{} : fail("--vip " + value + ": expected an address");
  }
  return fail("unknown option " + option);
}

}  // namespace

std::vector<std::string> decap_arguments(const DecapProcess& process) {
  std::vector<std::string> arguments{kDecapCommand, "--profile", process.profile};
  for (const DecapTarget& target : process.rules.targets)
    arguments.insert(arguments.end(), {"--target", text_of(target)});
  for (const IpAddr& vip : process.rules.vips)
    arguments.insert(arguments.end(), {"--vip", to_string(vip)});
  return arguments;
}

Result<DecapProcess> parse_decap_arguments(std::span<const std::string> arguments) {
  if (arguments.empty() || arguments.front() != kDecapCommand)
    return fail("the command is not " + std::string(kDecapCommand));
  DecapProcess process;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size()) return fail(arguments[i] + " needs a value");
    LVS_CHECK(take_option(process, arguments[i], arguments[i + 1]));
  }
  if (process.profile.empty()) return fail("--profile NAME is missing");
  if (process.rules.targets.empty()) return fail("no --target is given");
  if (process.rules.vips.empty()) return fail("no --vip is given");
  return process;
}

}  // namespace lvs::profiles
