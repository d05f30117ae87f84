// Our nf_tables tables and our rules in the chains of others.

#include "net/base/overload.h"
#include "net/wire/addr_text.h"
#include "profiles/io/json/objects.h"
#include "profiles/io/json/values.h"

namespace lvs::profiles {
namespace {

Json match_json(const PacketMatch& match) {
  Json json = Json::object({{"family", std::uint32_t{static_cast<std::uint8_t>(match.family)}},
                            {"in", match.in_link},
                            {"out", match.out_link},
                            {"established", match.established}});
  if (match.protocol) json.set("protocol", std::uint32_t{*match.protocol});
  if (match.port) json.set("port", std::uint32_t{match.port->number});
  if (match.source) json.set("source", to_string(*match.source));
  if (match.destination) json.set("destination", to_string(*match.destination));
  return json;
}

Result<PacketMatch> match_from(const Json& json) {
  PacketMatch match;
  LVS_TRY(const std::uint8_t family, number_at<std::uint8_t>(json, "family"));
  if (family != 4 && family != 6) return fail("`family` is unknown: " + std::to_string(family));
  match.family = Family{family};
  LVS_TRY(match.in_link, json.text_at("in"));
  LVS_TRY(match.out_link, json.text_at("out"));
  LVS_TRY(match.established, flag_at(json, "established"));
  if (json.find("protocol") != nullptr) {
    LVS_TRY(match.protocol, number_at<std::uint8_t>(json, "protocol"));
  }
  if (json.find("port") != nullptr) {
    LVS_TRY(const std::uint16_t port, number_at<std::uint16_t>(json, "port"));
    match.port = Port{port};
  }
  if (json.find("source") != nullptr) {
    LVS_TRY(match.source, prefix_at(json, "source"));
  }
  if (json.find("destination") != nullptr) {
    LVS_TRY(match.destination, prefix_at(json, "destination"));
  }
  return match;
}

Json rule_json(const OwnRule& rule) {
  const auto kind = [](const char* name) { return Json::object({{"rule", name}}); };
  return std::visit(
      Overload{
          [&](const MasqueradeRule& r) {
            return kind("masquerade").set("source", to_string(r.source)).set("out", r.out_link);
          },
          [&](const AcceptRule& r) {
            return kind("accept")
                .set("hook", std::uint32_t{static_cast<std::uint8_t>(r.hook)})
                .set("match", match_json(r.match));
          },
          [&](const ArpDropRequest& r) {
            return kind("arp_drop_request").set("vip", to_string(r.vip));
          },
          [&](const ArpRewriteSender& r) {
            return kind("arp_rewrite_sender")
                .set("vip", to_string(r.vip))
                .set("rip", to_string(r.rip))
                .set("out", r.out_link);
          },
          [&](const ArpDropReply& r) {
            return kind("arp_drop_reply").set("vip", to_string(r.vip));
          },
          [&](const UnknownRule& r) { return kind("unknown").set("text", r.text); },
      },
      rule);
}

Result<OwnRule> masquerade_from(const Json& json) {
  MasqueradeRule rule;
  LVS_TRY(rule.source, prefix_at(json, "source"));
  LVS_TRY(rule.out_link, json.text_at("out"));
  return OwnRule{rule};
}

Result<OwnRule> accept_from(const Json& json) {
  AcceptRule rule;
  LVS_TRY(rule.hook, enum_at<Hook>(json, "hook", 1));
  LVS_TRY(const Json match, member_at(json, "match"));
  LVS_TRY(rule.match, match_from(match));
  return OwnRule{rule};
}

Result<OwnRule> rewrite_from(const Json& json) {
  ArpRewriteSender rule;
  LVS_TRY(rule.vip, ipv4_at(json, "vip"));
  LVS_TRY(rule.rip, ipv4_at(json, "rip"));
  LVS_TRY(rule.out_link, json.text_at("out"));
  return OwnRule{rule};
}

template <typename Rule>
Result<OwnRule> vip_rule_from(const Json& json) {
  LVS_TRY(const Ipv4Addr vip, ipv4_at(json, "vip"));
  return OwnRule{Rule{vip}};
}

Result<OwnRule> rule_from(const Json& json) {
  LVS_TRY(const std::string kind, json.text_at("rule"));
  if (kind == "masquerade") return masquerade_from(json);
  if (kind == "accept") return accept_from(json);
  if (kind == "arp_drop_request") return vip_rule_from<ArpDropRequest>(json);
  if (kind == "arp_rewrite_sender") return rewrite_from(json);
  if (kind == "arp_drop_reply") return vip_rule_from<ArpDropReply>(json);
  return fail("unknown rule `" + kind + "`");
}

}  // namespace

Json object_json(const OwnTable& table) {
  Json rules = Json::array();
  for (const OwnRule& rule : table.rules) rules.push(rule_json(rule));
  return Json::object({{"family", std::uint32_t{static_cast<std::uint8_t>(table.family)}},
                       {"name", table.name},
                       {"comment", table.comment},
                       {"rules", rules}});
}

template <>
Result<OwnTable> object_from(const Json& json) {
  OwnTable table;
  LVS_TRY(table.family, enum_at<NftFamily>(json, "family", 10));
  LVS_TRY(table.name, json.text_at("name"));
  LVS_TRY(table.comment, json.text_at("comment"));
  LVS_TRY(const Json::Array rules, items_at(json, "rules"));
  for (const Json& item : rules) {
    LVS_TRY(const OwnRule rule, rule_from(item));
    table.rules.push_back(rule);
  }
  return table;
}

Json object_json(const ForeignRule& rule) {
  return Json::object({{"kind", std::uint32_t{static_cast<std::uint8_t>(rule.kind)}},
                       {"family", std::uint32_t{static_cast<std::uint8_t>(rule.family)}},
                       {"table", rule.table},
                       {"chain", rule.chain},
                       {"match", match_json(rule.match)},
                       {"comment", rule.comment}});
}

template <>
Result<ForeignRule> object_from(const Json& json) {
  ForeignRule rule;
  LVS_TRY(rule.kind, enum_at<FirewallKind>(json, "kind", 2));
  LVS_TRY(rule.family, enum_at<NftFamily>(json, "family", 10));
  LVS_TRY(rule.table, json.text_at("table"));
  LVS_TRY(rule.chain, json.text_at("chain"));
  LVS_TRY(const Json match, member_at(json, "match"));
  LVS_TRY(rule.match, match_from(match));
  LVS_TRY(rule.comment, json.text_at("comment"));
  return rule;
}

}  // namespace lvs::profiles
