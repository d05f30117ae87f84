// Addresses, routes, neighbours and links.

#include "net/wire/addr_text.h"
#include "profiles/io/json/objects.h"
#include "profiles/io/json/values.h"

namespace lvs::profiles {

Json object_json(const AddressFact& fact) {
  return Json::object({{"address", to_string(Prefix{fact.addr, fact.prefix_len})},
                       {"link", fact.link},
                       {"scope", std::uint32_t{fact.scope}},
                       {"label", fact.label},
                       {"protocol", std::uint32_t{fact.protocol}},
                       {"no_dad", fact.no_dad},
                       {"deprecated", fact.deprecated}});
}

template <>
Result<AddressFact> object_from(const Json& json) {
  AddressFact fact;
  LVS_TRY(const Prefix prefix, prefix_at(json, "address"));
  fact.addr = prefix.addr;
  fact.prefix_len = prefix.length;
  LVS_TRY(fact.link, json.text_at("link"));
  LVS_TRY(fact.scope, number_at<std::uint8_t>(json, "scope"));
  LVS_TRY(fact.label, json.text_at("label"));
  LVS_TRY(fact.protocol, number_at<std::uint8_t>(json, "protocol"));
  LVS_TRY(fact.no_dad, flag_at(json, "no_dad"));
  LVS_TRY(fact.deprecated, flag_at(json, "deprecated"));  // missing in older journals
  return fact;
}

Json object_json(const RouteFact& fact) {
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

template <>
Result<RouteFact> object_from(const Json& json) {
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
  LVS_TRY(const IpAddr gateway, addr_at(json, "gateway"));
  fact.gateway = gateway;
  return fact;
}

Json object_json(const NeighbourFact& fact) {
  Json json = Json::object({{"address", to_string(fact.addr)},
                            {"link", fact.link},
                            {"proxy", fact.proxy},
                            {"protocol", std::uint32_t{fact.protocol}}});
  if (fact.mac) json.set("mac", to_string(*fact.mac));
  return json;
}

template <>
Result<NeighbourFact> object_from(const Json& json) {
  NeighbourFact fact;
  LVS_TRY(fact.addr, addr_at(json, "address"));
  LVS_TRY(fact.link, json.text_at("link"));
  LVS_TRY(fact.proxy, flag_at(json, "proxy"));
  LVS_TRY(fact.protocol, number_at<std::uint8_t>(json, "protocol"));
  if (json.find("mac") == nullptr) return fact;
  LVS_TRY(const std::string mac, json.text_at("mac"));
  fact.mac = parse_mac(mac);
  if (!fact.mac) return fail("`mac` is no MAC address: " + mac);
  return fact;
}

Json object_json(const TunnelFact& fact) {
  return Json::object({{"link", fact.link},
                       {"kind", std::uint32_t{static_cast<std::uint8_t>(fact.kind)}},
                       {"local", to_string(fact.local)},
                       {"alias", fact.alias}});
}

template <>
Result<TunnelFact> object_from(const Json& json) {
  TunnelFact fact;
  LVS_TRY(fact.link, json.text_at("link"));
  LVS_TRY(fact.kind, enum_at<TunnelKind>(json, "kind", 2));
  LVS_TRY(fact.local, addr_at(json, "local"));
  LVS_TRY(fact.alias, json.text_at("alias"));
  return fact;
}

Json object_json(const UpFact& fact) { return Json::object({{"link", fact.link}}); }

template <>
Result<UpFact> object_from(const Json& json) {
  UpFact fact;
  LVS_TRY(fact.link, json.text_at("link"));
  return fact;
}

}  // namespace lvs::profiles
