#include <optional>

#include "director/core/ipvsadm/numbers.h"
#include "director/simulate/record.h"
#include "net/wire/addr_text.h"

namespace lvs::director::simulate {
namespace {

const Json::Array& items_of(const Json& object, std::string_view key) {
  static const Json::Array kNone;
  const Json* const member = object.find(key);
  const Json::Array* const items = member == nullptr ? nullptr : member->as_array();
  return items == nullptr ? kNone : *items;
}

/// Each item of an array read by `read`; the error says which it was.
template <typename T, typename Read>
Result<std::vector<T>> read_items(const Json& object, const std::string& key, Read read) {
  if (const Json* const member = object.find(key); member != nullptr && !member->as_array())
    return fail(key + ": a list was expected");
  std::vector<T> all;
  for (const Json& item : items_of(object, key)) {
    Result<T> one = read(item);
    if (!one) return fail_within(key + '[' + std::to_string(all.size()) + ']', one.error());
    all.push_back(*std::move(one));
  }
  return all;
}

Result<std::string> read_text(const Json& item) {
  if (const std::string* const text = item.as_string()) return *text;
  return fail("a text was expected");
}

Result<IpAddr> read_address(const Json& item) {
  const std::string* const text = item.as_string();
  const auto address = text == nullptr ? std::nullopt : parse_ip(*text);
  if (!address) return fail("an address was expected");
  return *address;
}

Result<Port> read_port(const Json& item) {
  const std::int64_t* const number = item.as_int();
  if (number == nullptr || *number < 0 || *number > 65535) return fail("a port was expected");
  return Port{static_cast<std::uint16_t>(*number)};
}

Result<Protocol> read_protocol(const Json& item) {
  const std::string* const text = item.as_string();
  if (text != nullptr && *text == "tcp") return Protocol::Tcp;
  if (text != nullptr && *text == "udp") return Protocol::Udp;
  return fail("tcp or udp was expected");
}

/// A member read by `read`.
template <typename Read>
auto read_member(const Json& object, const std::string& key, Read read)
    -> decltype(read(std::declval<const Json&>())) {
  const Json* const member = object.find(key);
  if (member == nullptr) return fail(key + ": missing");
  auto value = read(*member);
  if (!value) return fail_within(key, value.error());
  return value;
}

Result<ClientFlow> check_flow(const ClientFlow& flow) {
  if (flow.client.family() != flow.vip.family()) return fail("src and dst: of different families");
  return flow;
}

Result<ClientFlow> read_flow(const Json& item) {
  ClientFlow flow;
  LVS_TRY(flow.protocol, read_member(item, "proto", read_protocol));
  LVS_TRY(flow.client, read_member(item, "src", read_address));
  LVS_TRY(flow.client_port, read_member(item, "sport", read_port));
  LVS_TRY(flow.vip, read_member(item, "dst", read_address));
  LVS_TRY(flow.vip_port, read_member(item, "dport", read_port));
  return check_flow(flow);
}

Result<Step> read_pause(std::string_view seconds) {
  const auto number = ipvsadm::parse_number(seconds, {0, kLongestPause_s});
  if (!number) return fail("wait: seconds were expected");
  return Step{Pause{*number}};
}

/// "close:I" alone goes where entry I went.
Result<ClientFlow> flow_of(const Json& item, std::string_view action,
                           const std::vector<Step>& before) {
  constexpr std::string_view kClose = "close:";
  if (!action.starts_with(kClose) || item.find("src") != nullptr) return read_flow(item);
  const auto index = ipvsadm::parse_number(action.substr(kClose.size()), {0, 0x7fffffff});
  const Packets* const named =
      index && *index < before.size() ? std::get_if<Packets>(&before[*index]) : nullptr;
  if (named == nullptr) return fail("close: the number of an earlier entry was expected");
  return named->flow;
}

Result<Step> read_step(const Json& item, const std::vector<Step>& before) {
  constexpr std::string_view kWait = "wait:";
  LVS_TRY(const std::string action, read_member(item, "action", read_text));
  if (action.starts_with(kWait)) return read_pause(std::string_view{action}.substr(kWait.size()));
  Packets packets;
  LVS_TRY(packets.flags, packets_of(action));
  LVS_TRY(packets.flow, flow_of(item, action, before));
  return Step{std::move(packets)};
}

Result<Event> read_event(const Json& item) {
  Event event;
  LVS_TRY(const std::int64_t before, item.int_at("before"));
  if (before < 0) return fail("before: the number of an entry was expected");
  event.before = static_cast<std::size_t>(before);
  LVS_TRY(event.command, read_member(item, "cmd", read_text));
  return event;
}

Result<std::int64_t> read_integer(const Json& item) {
  if (const std::int64_t* const number = item.as_int()) return *number;
  if (const bool* const is_on = item.as_bool()) return *is_on ? 1 : 0;
  return fail("a number was expected");
}

using Sysctls = std::vector<std::pair<std::string, std::int64_t>>;
Result<Sysctls> read_sysctls(const Json& record) {
  Sysctls all;
  const Json* const member = record.find("sysctl");
  if (member == nullptr || member->is_null()) return all;
  if (!member->is_object()) return fail("sysctl: names with values were expected");
  for (const auto& [name, value] : *member->as_object()) {
    const Result<std::int64_t> number = read_integer(value);
    if (!number) return fail_within("sysctl: " + name, number.error());
    all.emplace_back(name, *number);
  }
  return all;
}

Result<Scenario> read_scenario(const Json& record) {
  Scenario scenario;
  LVS_TRY(scenario.commands, read_items<std::string>(record, "commands", read_text));
  LVS_TRY(scenario.events, read_items<Event>(record, "events", read_event));
  LVS_TRY(scenario.sysctls, read_sysctls(record));
  // Not read_items(): "close:I" looks at what stands before it.
  const Json::Array& items = items_of(record, "connections");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Result<Step> step = read_step(items[i], scenario.steps);
    if (!step) return fail_within("connections[" + std::to_string(i) + ']', step.error());
    scenario.steps.push_back(*std::move(step));
  }
  return scenario;
}

Result<ChosenServer> read_server(const Json& item) {
  ChosenServer server;
  LVS_TRY(server.address, read_member(item, "ip", read_address));
  LVS_TRY(server.port, read_member(item, "port", read_port));
  return server;
}

Result<Packets> read_tuple(const Json& item, Protocol protocol) {
  const Json::Array* const fields = item.as_array();
  if (fields == nullptr || fields->size() != 4) return fail("src, sport, dst, dport were expected");
  Packets packets{.flow = {.protocol = protocol}, .flags = {}};
  LVS_TRY(packets.flow.client, read_address((*fields)[0]));
  LVS_TRY(packets.flow.client_port, read_port((*fields)[1]));
  LVS_TRY(packets.flow.vip, read_address((*fields)[2]));
  LVS_TRY(packets.flow.vip_port, read_port((*fields)[3]));
  LVS_CHECK(check_flow(packets.flow));
  LVS_TRY(packets.flags, packets_of(protocol == Protocol::Udp ? "udp" : "syn"));
  return packets;
}

Result<Clients> read_clients(const Json& record) {
  Clients clients;
  Protocol protocol = Protocol::Tcp;
  if (record.find("proto") != nullptr) {
    LVS_TRY(protocol, read_member(record, "proto", read_protocol));
  }
  LVS_TRY(clients.commands, read_items<std::string>(record, "commands", read_text));
  LVS_TRY(clients.servers, read_items<ChosenServer>(record, "servers", read_server));
  LVS_TRY(clients.packets, read_items<Packets>(record, "tuples", [protocol](const Json& item) {
            return read_tuple(item, protocol);
          }));
  return clients;
}

bool has_list(const Json& record, std::string_view key) {
  const Json* const member = record.find(key);
  return member != nullptr && member->is_array();
}

}  // namespace

Result<Record> read_record(const Json& record) {
  if (!record.is_object()) return fail("an object was expected");
  if (!has_list(record, "commands")) return fail("commands: a list was expected");
  if (has_list(record, "tuples")) {
    LVS_TRY(Clients clients, read_clients(record));
    return Record{std::move(clients)};
  }
  if (!has_list(record, "connections")) return fail("connections or tuples: a list was expected");
  LVS_TRY(Scenario scenario, read_scenario(record));
  return Record{std::move(scenario)};
}

}  // namespace lvs::director::simulate
