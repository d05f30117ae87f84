#include "profiles/io/step_json.h"

#include <array>
#include <limits>

#include "net/base/overload.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

/// A member that is a number of the range of T.
template <typename T>
Result<T> number_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::int64_t number, json.int_at(key));
  if (number < 0 || static_cast<std::uint64_t>(number) > std::numeric_limits<T>::max())
    return fail("`" + std::string(key) + "` is out of range: " + std::to_string(number));
  return static_cast<T>(number);
}

Result<Prefix> prefix_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::string text, json.text_at(key));
  const std::optional<Prefix> prefix = parse_prefix(text);
  if (!prefix) return fail("`" + std::string(key) + "` is no address/length: " + text);
  return *prefix;
}

Json to_json(const AddressFact& fact) {
  return Json::object({{"address", to_string(Prefix{fact.addr, fact.prefix_len})},
                       {"link", fact.link},
                       {"scope", std::uint32_t{fact.scope}},
                       {"label", fact.label},
                       {"protocol", std::uint32_t{fact.protocol}}});
}

Result<AddressFact> address_from(const Json& json) {
  AddressFact fact;
  LVS_TRY(const Prefix prefix, prefix_at(json, "address"));
  fact.addr = prefix.addr;
  fact.prefix_len = prefix.length;
  LVS_TRY(fact.link, json.text_at("link"));
  LVS_TRY(fact.scope, number_at<std::uint8_t>(json, "scope"));
  LVS_TRY(fact.label, json.text_at("label"));
  LVS_TRY(fact.protocol, number_at<std::uint8_t>(json, "protocol"));
  return fact;
}

Json to_json(const RouteFact& fact) {
  Json json = Json::object({{"destination", to_string(fact.destination)},
                            {"link", fact.link},
                            {"table", fact.table},
                            {"protocol", std::uint32_t{fact.protocol}},
                            {"scope", std::uint32_t{fact.scope}},
                            {"type", std::uint32_t{fact.type}},
                            {"metric", fact.metric},
                            {"tos", std::uint32_t{fact.tos}}});
  if (fact.gateway) json.set("gateway", to_string(*fact.gateway));
  return json;
}

Result<RouteFact> route_from(const Json& json) {
  RouteFact fact;
  LVS_TRY(fact.destination, prefix_at(json, "destination"));
  LVS_TRY(fact.link, json.text_at("link"));
  LVS_TRY(fact.table, number_at<std::uint32_t>(json, "table"));
  LVS_TRY(fact.protocol, number_at<std::uint8_t>(json, "protocol"));
  LVS_TRY(fact.scope, number_at<std::uint8_t>(json, "scope"));
  LVS_TRY(fact.type, number_at<std::uint8_t>(json, "type"));
  LVS_TRY(fact.metric, number_at<std::uint32_t>(json, "metric"));
  LVS_TRY(fact.tos, number_at<std::uint8_t>(json, "tos"));
  if (json.find("gateway") == nullptr) return fact;
  LVS_TRY(const std::string gateway, json.text_at("gateway"));
  fact.gateway = parse_ip(gateway);
  if (!fact.gateway) return fail("`gateway` is no address: " + gateway);
  return fact;
}

Json to_json(const Withholding& table) {
  Json services = Json::array();
  for (const WithheldService& service : table.services) {
    services.push(
        Json::object({{"protocol", std::uint32_t{static_cast<std::uint8_t>(service.protocol)}},
                      {"address", to_string(service.addr)},
                      {"port", std::uint32_t{service.port.number}}}));
  }
  Json fragments = Json::array();
  for (const Ipv4Addr& address : table.fragments_to) fragments.push(to_string(address));
  Json links = Json::array();
  for (const std::string& link : table.links) links.push(link);
  return Json::object({{"table", table.table},
                       {"comment", table.comment},
                       {"services", services},
                       {"fragments_to", fragments},
                       {"links", links},
                       {"rules", std::uint64_t{table.rules}}});
}

Result<Ipv4Addr> ipv4_of(const std::string& text) {
  const std::optional<Ipv4Addr> address = parse_ipv4(text);
  if (!address) return fail("no IPv4 address: " + text);
  return *address;
}

Result<WithheldService> service_from(const Json& json) {
  WithheldService service;
  LVS_TRY(const std::uint8_t protocol, number_at<std::uint8_t>(json, "protocol"));
  service.protocol = Protocol{protocol};
  LVS_TRY(const std::string address, json.text_at("address"));
  LVS_TRY(service.addr, ipv4_of(address));
  LVS_TRY(service.port.number, number_at<std::uint16_t>(json, "port"));
  return service;
}

Result<Json::Array> items_at(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  if (member == nullptr || !member->is_array())
    return fail("`" + std::string(key) + "` is no list");
  return *member->as_array();
}

Result<std::vector<std::string>> texts_at(const Json& json, std::string_view key) {
  LVS_TRY(const Json::Array items, items_at(json, key));
  std::vector<std::string> texts;
  for (const Json& item : items) {
    if (item.as_string() == nullptr) return fail("`" + std::string(key) + "` holds no texts");
    texts.push_back(*item.as_string());
  }
  return texts;
}

Result<Withholding> table_from(const Json& json) {
  Withholding table;
  LVS_TRY(table.table, json.text_at("table"));
  LVS_TRY(table.comment, json.text_at("comment"));
  LVS_TRY(const Json::Array services, items_at(json, "services"));
  for (const Json& item : services) {
    LVS_TRY(const WithheldService service, service_from(item));
    table.services.push_back(service);
  }
  LVS_TRY(const std::vector<std::string> fragments, texts_at(json, "fragments_to"));
  for (const std::string& text : fragments) {
    LVS_TRY(const Ipv4Addr address, ipv4_of(text));
    table.fragments_to.push_back(address);
  }
  LVS_TRY(table.links, texts_at(json, "links"));
  LVS_TRY(table.rules, number_at<std::size_t>(json, "rules"));
  return table;
}

Json kind(std::string_view name) { return Json::object({{"do", name}}); }

Result<Json> member_at(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  if (member == nullptr) return fail("`" + std::string(key) + "` is missing");
  return *member;
}

// How each kind of step is read: its name in the journal and a function for the rest.

Result<Step> sysctl_step(const Json& json) {
  SetSysctl step;
  LVS_TRY(step.key, json.text_at("key"));
  LVS_TRY(step.value, json.text_at("value"));
  LVS_TRY(step.before, json.text_at("before"));
  LVS_TRY(step.original, json.text_at("original"));
  return Step{step};
}

template <typename S>
Result<Step> address_step(const Json& json) {
  LVS_TRY(const Json object, member_at(json, "object"));
  LVS_TRY(const AddressFact address, address_from(object));
  return Step{S{address}};
}

template <typename S>
Result<Step> route_step(const Json& json) {
  LVS_TRY(const Json object, member_at(json, "object"));
  LVS_TRY(const RouteFact route, route_from(object));
  return Step{S{route}};
}

template <typename S>
Result<Step> table_step(const Json& json) {
  LVS_TRY(const Json object, member_at(json, "object"));
  LVS_TRY(const Withholding table, table_from(object));
  return Step{S{table}};
}

Result<Step> replace_step(const Json& json) {
  LVS_TRY(const Json before_json, member_at(json, "before"));
  LVS_TRY(const Json after_json, member_at(json, "after"));
  LVS_TRY(const Withholding before, table_from(before_json));
  LVS_TRY(const Withholding after, table_from(after_json));
  return Step{ReplaceWithholding{before, after}};
}

struct StepKind {
  std::string_view name;
  Result<Step> (*read)(const Json&) = nullptr;
};
constexpr std::array kKinds{
    StepKind{"set_sysctl", sysctl_step},
    StepKind{"add_address", address_step<AddAddress>},
    StepKind{"remove_address", address_step<RemoveAddress>},
    StepKind{"add_route", route_step<AddRoute>},
    StepKind{"remove_route", route_step<RemoveRoute>},
    StepKind{"add_withholding", table_step<AddWithholding>},
    StepKind{"remove_withholding", table_step<RemoveWithholding>},
    StepKind{"replace_withholding", replace_step},
};

}  // namespace

Json to_json(const Step& step) {
  return std::visit(
      Overload{
          [](const SetSysctl& s) {
            return kind("set_sysctl")
                .set("key", s.key)
                .set("value", s.value)
                .set("before", s.before)
                .set("original", s.original);
          },
          [](const AddAddress& s) { return kind("add_address").set("object", to_json(s.address)); },
          [](const RemoveAddress& s) {
            return kind("remove_address").set("object", to_json(s.address));
          },
          [](const AddRoute& s) { return kind("add_route").set("object", to_json(s.route)); },
          [](const RemoveRoute& s) { return kind("remove_route").set("object", to_json(s.route)); },
          [](const AddWithholding& s) {
            return kind("add_withholding").set("object", to_json(s.table));
          },
          [](const RemoveWithholding& s) {
            return kind("remove_withholding").set("object", to_json(s.table));
          },
          [](const ReplaceWithholding& s) {
            return kind("replace_withholding")
                .set("before", to_json(s.before))
                .set("after", to_json(s.after));
          },
          [&](const auto&) { return kind("look").set("what", describe(step)); },
      },
      step);
}

Result<Step> step_from_json(const Json& json) {
  LVS_TRY(const std::string name, json.text_at("do"));
  for (const StepKind& known : kKinds)
    if (known.name == name) return known.read(json);
  return fail("unknown step `" + name + "`");
}

}  // namespace lvs::profiles
