#include "net/wire/addr_text.h"
#include "profiles/io/json/objects.h"
#include "profiles/io/json/values.h"

namespace lvs::profiles {
namespace {

Json rules_json(const DecapRules& rules) {
  Json targets = Json::array();
  for (const DecapTarget& target : rules.targets) {
    targets.push(Json::object({{"outer", to_string(target.outer)},
                               {"type", std::uint32_t{static_cast<std::uint8_t>(target.type)}},
                               {"port", std::uint32_t{target.port.number}}}));
  }
  return Json::object({{"targets", targets}, {"vips", texts(rules.vips)}});
}

Result<DecapRules> rules_at(const Json& parent, std::string_view key) {
  LVS_TRY(const Json json, member_at(parent, key));
  DecapRules rules;
  LVS_TRY(const Json::Array targets, items_at(json, "targets"));
  for (const Json& item : targets) {
    DecapTarget target;
    LVS_TRY(target.outer, addr_at(item, "outer"));
    LVS_TRY(target.type, enum_at<TunnelType>(item, "type", 2));
    LVS_TRY(target.port.number, number_at<std::uint16_t>(item, "port"));
    rules.targets.push_back(target);
  }
  LVS_TRY(rules.vips, addrs_at(json, "vips"));
  return rules;
}

}  // namespace

Json object_json(const ClsactFact& fact) { return Json::object({{"link", fact.link}}); }

template <>
Result<ClsactFact> object_from(const Json& json) {
  ClsactFact fact;
  LVS_TRY(fact.link, json.text_at("link"));
  return fact;
}

Json object_json(const DecapFilter& filter) {
  return Json::object(
      {{"link", filter.link}, {"profile", filter.profile}, {"rules", rules_json(filter.rules)}});
}

template <>
Result<DecapFilter> object_from(const Json& json) {
  DecapFilter filter;
  LVS_TRY(filter.link, json.text_at("link"));
  LVS_TRY(filter.profile, json.text_at("profile"));
  LVS_TRY(filter.rules, rules_at(json, "rules"));
  return filter;
}

Json object_json(const DecapProcess& process) {
  return Json::object({{"profile", process.profile}, {"rules", rules_json(process.rules)}});
}

template <>
Result<DecapProcess> object_from(const Json& json) {
  DecapProcess process;
  LVS_TRY(process.profile, json.text_at("profile"));
  LVS_TRY(process.rules, rules_at(json, "rules"));
  return process;
}

}  // namespace lvs::profiles
