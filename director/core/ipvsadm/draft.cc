#include "director/core/ipvsadm/draft.h"

#include <algorithm>

#include "director/core/ipvsadm/numbers.h"
#include "net/wire/addr_text.h"

namespace lvs::director::ipvsadm {
namespace {

/// A switch whose value is a number.
struct NumberSwitch {
  Option option{};
  Range range{};
  std::uint32_t Draft::*member = nullptr;
  std::string_view problem;
};

constexpr std::array kNumberSwitches{
    NumberSwitch{Option::Weight, kCountRange, &Draft::weight, "illegal weight specified"},
    NumberSwitch{Option::UpperThreshold, kCountRange, &Draft::upper,
                 "illegal u_threshold specified"},
    NumberSwitch{Option::LowerThreshold, kCountRange, &Draft::lower,
                 "illegal l_threshold specified"},
    NumberSwitch{Option::TunPort, {1, 65535}, &Draft::tunnel_port, "illegal tunnel port specified"},
    NumberSwitch{Option::SyncId, {0, 255}, &Draft::sync_id, "illegal syncid specified"},
    NumberSwitch{Option::LongestMessage,
                 {1, 65535},
                 &Draft::longest_message,
                 "illegal sync-maxlen specified"},
    NumberSwitch{Option::McastPort, {1, 65535}, &Draft::mcast_port, "illegal mcast-port specified"},
    NumberSwitch{Option::McastTtl, {1, 255}, &Draft::mcast_ttl, "illegal mcast-ttl specified"},
};

Outcome<void> take_number(Draft& draft, const NumberSwitch& what, const std::string& value) {
  const auto number = parse_number(value, what.range);
  if (!number) return refuse(std::string{what.problem});
  draft.*what.member = *number;
  return {};
}

Outcome<void> take_mark(Draft& draft, const std::string& value) {
  const auto mark = parse_number(value, {1, 0xffffffff});
  if (!mark) return refuse("invalid fwmark value `" + value + "' specified");
  draft.mark = *mark;
  return {};
}

Outcome<void> take_service(Draft& draft, const Given& given, const Names& names) {
  draft.service_kind = given.what->kind;
  if (given.what->kind == Kind::Mark) return take_mark(draft, given.value);
  const auto service = parse_endpoint(given.value, draft.protocol(), names);
  if (!service) return refuse("illegal virtual server address[:port] specified");
  draft.service = *service;
  return {};
}

Outcome<void> take_server(Draft& draft, const Given& given, const Names& names) {
  const auto server = parse_endpoint(given.value, draft.protocol(), names);
  if (!server) return refuse("illegal real server address[:port] specified");
  draft.server = *server;
  return {};
}

Outcome<void> take_persistence(Draft& draft, const Given& given, const Names& /*names*/) {
  if (!given.has_value) return {};
  const auto seconds = parse_number(given.value, {1, kTimeoutRange.greatest});
  if (!seconds) return refuse("invalid timeout value `" + given.value + "' specified");
  draft.persistence_s = *seconds;
  return {};
}

Outcome<void> take_method(Draft& draft, const Given& given, const Names& /*names*/) {
  draft.method = ForwardMethod::Route;
  if (given.what->kind == Kind::Ipip) draft.method = ForwardMethod::Tunnel;
  if (given.what->kind == Kind::Masquerading) draft.method = ForwardMethod::Masq;
  return {};
}

Outcome<void> take_tunnel_type(Draft& draft, const Given& given, const Names& /*names*/) {
  constexpr std::array<std::string_view, 3> kTypes{"ipip", "gue", "gre"};  // as TunnelType
  const auto found = std::ranges::find(kTypes, given.value);
  if (found == kTypes.end()) return refuse("illegal tunnel type specified");
  draft.tunnel = static_cast<TunnelType>(found - kTypes.begin());
  return {};
}

Outcome<void> take_group(Draft& draft, const Given& given, const Names& /*names*/) {
  draft.mcast_group = parse_ip(given.value);
  if (!draft.mcast_group) return refuse("illegal mcast-group specified");
  return {};
}

template <std::string Draft::*member>
Outcome<void> take_text(Draft& draft, const Given& given, const Names& /*names*/) {
  draft.*member = given.value;
  return {};
}

struct ValueSwitch {
  Option option{};
  Outcome<void> (*take)(Draft& draft, const Given& given, const Names& names) = nullptr;
};

constexpr std::array kValueSwitches{
    ValueSwitch{Option::ServiceAddress, take_service},
    ValueSwitch{Option::RealServer, take_server},
    ValueSwitch{Option::Persistent, take_persistence},
    ValueSwitch{Option::ForwardingMethod, take_method},
    ValueSwitch{Option::TunType, take_tunnel_type},
    ValueSwitch{Option::McastGroup, take_group},
    ValueSwitch{Option::Scheduler, take_text<&Draft::scheduler>},
    ValueSwitch{Option::SchedulerFlags, take_text<&Draft::scheduler_flags>},
    ValueSwitch{Option::PersistenceEngine, take_text<&Draft::persistence_engine>},
    ValueSwitch{Option::Netmask, take_text<&Draft::netmask>},
    ValueSwitch{Option::McastInterface, take_text<&Draft::mcast_interface>},
};

Outcome<void> take_family(Draft& draft) {
  if (draft.service_kind != Kind::Mark) return refuse("-6 used before -f\n");
  draft.mark_family = Family::Ipv6;
  return {};
}

}  // namespace

Protocol Draft::protocol() const {
  if (service_kind == Kind::Udp) return Protocol::Udp;
  return service_kind == Kind::Sctp ? Protocol::Sctp : Protocol::Tcp;
}

ServiceKey Draft::service_key() const {
  if (service_kind == Kind::Mark) return ServiceKey::of_mark(mark, mark_family);
  return {.protocol = protocol(), .vip = service.address, .port = service.port.value_or(Port{})};
}

Outcome<void> take_switch(Draft& draft, const Given& given, const Names& names) {
  if (given.what->verb) return refuse("invalid option `" + given.word + '\'');
  if (given.what->kind == Kind::Ipv6) return take_family(draft);
  if (!given.what->option) return {};
  const Option option = *given.what->option;
  if (draft.given.has(option))
    return refuse("multiple '" + std::string{name(option)} + "' options specified");
  draft.given.insert(option);
  const auto number = std::ranges::find(kNumberSwitches, option, &NumberSwitch::option);
  if (number != kNumberSwitches.end()) return take_number(draft, *number, given.value);
  const auto value = std::ranges::find(kValueSwitches, option, &ValueSwitch::option);
  return value == kValueSwitches.end() ? Outcome<void>{} : value->take(draft, given, names);
}

}  // namespace lvs::director::ipvsadm
