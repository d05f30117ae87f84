#include "director/core/ipvsadm/check.h"

#include <array>
#include <string>

#include "net/base/result.h"

namespace lvs::director::ipvsadm {
namespace {

std::string quoted(std::string_view text) { return '\'' + std::string{text} + '\''; }

Outcome<void> check_option(const Draft& draft, Option option, std::optional<Option>& alternative) {
  const VerbRule& rule = rule_of(draft.verb);
  const bool given = draft.given.has(option);
  if (rule.needed.has(option) && !given)
    return refuse("You need to supply the " + quoted(name(option)) + " option for the " +
                  quoted(name(draft.verb)) + " command");
  if (!given || rule.needed.has(option) || rule.allowed.has(option)) return {};
  if (!rule.alternatives.has(option))
    return refuse("Illegal " + quoted(name(option)) + " option with the " +
                  quoted(name(draft.verb)) + " command");
  if (alternative)
    return refuse("The option " + quoted(name(option)) + " conflicts with the " +
                  quoted(name(*alternative)) + " option in the " + quoted(name(draft.verb)) +
                  " command");
  alternative = option;
  return {};
}

Outcome<void> check_options(const Draft& draft) {
  std::optional<Option> alternative;
  for (std::size_t i = 0; i < kOptions; ++i)
    LVS_CHECK(check_option(draft, static_cast<Option>(i), alternative));
  return {};
}

Outcome<void> check_service(const Draft& draft) {
  const ServiceKey key = draft.service_key();
  const bool is_mark = draft.service_kind == Kind::Mark;
  if (!is_mark && key.port == Port{} && !draft.given.has(Option::Persistent))
    return refuse("Zero port specified for non-persistent service");
  if (draft.given.has(Option::OnePacket) && !is_mark && key.protocol != Protocol::Udp)
    return refuse("One-Packet Scheduling is only for UDP virtual services");
  return {};
}

/// What each tunnel type needs and may not have.
struct TunnelRule {
  std::string_view name;
  OptionSet needed{};
  OptionSet illegal{};
};
constexpr std::array kTunnelRules{
    // in the order of TunnelType
    TunnelRule{
        "ipip",
        {},
        {Option::TunPort, Option::TunNoChecksum, Option::TunChecksum, Option::TunRemoteChecksum}},
    TunnelRule{"gue", {Option::TunPort}, {}},
    TunnelRule{"gre", {}, {Option::TunPort, Option::TunRemoteChecksum}},
};
constexpr std::array kTunnelOptions{Option::TunPort, Option::TunNoChecksum, Option::TunChecksum,
                                    Option::TunRemoteChecksum};
constexpr std::array kChecksums{Option::TunNoChecksum, Option::TunChecksum,
                                Option::TunRemoteChecksum};

Outcome<void> check_tunnel(const Draft& draft) {
  const TunnelRule& rule = kTunnelRules[static_cast<std::size_t>(draft.tunnel)];
  const std::string with = " option with the " + quoted(rule.name) + " tunnel type";
  for (const Option option : kTunnelOptions) {
    if (rule.needed.has(option) && !draft.given.has(option))
      return refuse("You need to supply the " + quoted(name(option)) + " option for the " +
                    quoted(rule.name) + " tunnel type");
    if (rule.illegal.has(option) && draft.given.has(option))
      return refuse("Illegal " + quoted(name(option)) + with);
  }
  std::optional<Option> checksum;
  for (const Option option : kChecksums) {
    if (!draft.given.has(option)) continue;
    if (checksum)
      return refuse("The option " + quoted(name(option)) + " conflicts with the " +
                    quoted(name(*checksum)) + with);
    checksum = option;
  }
  return {};
}

Outcome<void> check_server(const Draft& draft) {
  const bool tunnels = draft.method == ForwardMethod::Tunnel;
  if (draft.server.address.family() != draft.service_key().family() && !tunnels)
    return refuse("Different address family is allowed only for tunneling servers");
  constexpr OptionSet kTunnel{Option::TunType, Option::TunPort, Option::TunNoChecksum,
                              Option::TunChecksum, Option::TunRemoteChecksum};
  if (!tunnels && draft.given.has_any(kTunnel))
    return refuse("Tunnel options conflict with forward method");
  return tunnels ? check_tunnel(draft) : Outcome<void>{};
}

Outcome<void> check_list(const Draft& draft) {
  constexpr OptionSet kOther{Option::Connection, Option::Timeout, Option::Daemon};
  constexpr OptionSet kFigures{Option::Stats, Option::Rate, Option::Thresholds};
  if (draft.given.has_any(kOther) && draft.given.has_any(kFigures))
    return refuse("options conflicts in the list command");
  return {};
}

}  // namespace

Outcome<void> check_draft(const Draft& draft) {
  LVS_CHECK(check_options(draft));
  switch (draft.verb) {
    case Verb::AddService:
    case Verb::EditService:
      return check_service(draft);
    case Verb::AddServer:
    case Verb::EditServer:
      return check_server(draft);
    case Verb::List:
      return check_list(draft);
    default:
      return {};
  }
}

}  // namespace lvs::director::ipvsadm
