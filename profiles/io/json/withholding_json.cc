#include <utility>

#include "net/wire/addr_text.h"
#include "profiles/io/json/objects.h"
#include "profiles/io/json/values.h"

namespace lvs::profiles {
namespace {

Result<WithheldService> service_from(const Json& json) {
  WithheldService service;
  LVS_TRY(const std::uint8_t protocol, number_at<std::uint8_t>(json, "protocol"));
  service.protocol = Protocol{protocol};
  LVS_TRY(service.addr, addr_at(json, "address"));
  LVS_TRY(service.port.number, number_at<std::uint16_t>(json, "port"));
  return service;
}

Result<std::vector<WithheldService>> services_at(const Json& json, std::string_view key) {
  LVS_TRY(const Json::Array items, items_at(json, key));
  std::vector<WithheldService> services;
  for (const Json& item : items) {
    LVS_TRY(const WithheldService service, service_from(item));
    services.push_back(service);
  }
  return services;
}

Json services_json(const std::vector<WithheldService>& services) {
  Json list = Json::array();
  for (const WithheldService& service : services) {
    list.push(
        Json::object({{"protocol", std::uint32_t{static_cast<std::uint8_t>(service.protocol)}},
                      {"address", to_string(service.addr)},
                      {"port", std::uint32_t{service.port.number}}}));
  }
  return list;
}

constexpr std::uint32_t number_of(Family family) { return family == Family::Ipv4 ? 4 : 6; }

Json range_json(const WithheldRange& range) {
  Json json = Json::object({{"link", range.link}, {"family", number_of(range.family)}});
  if (range.protocol)
    json.set("protocol", std::uint32_t{static_cast<std::uint8_t>(*range.protocol)});
  if (range.addr) json.set("address", to_string(*range.addr));
  if (range.source) json.set("source", to_string(*range.source));
  if (range.is_reply) json.set("is_reply", true);
  json.set("first", std::uint32_t{range.first.number});
  return json.set("last", std::uint32_t{range.last.number});
}

Result<WithheldRange> range_from(const Json& json) {
  WithheldRange range;
  LVS_TRY(range.link, json.text_at("link"));
  LVS_TRY(const std::uint8_t family, number_at<std::uint8_t>(json, "family"));
  if (family != 4 && family != 6) return fail("`family` is unknown: " + std::to_string(family));
  range.family = family == 4 ? Family::Ipv4 : Family::Ipv6;
  if (json.find("protocol") != nullptr) {
    LVS_TRY(const std::uint8_t protocol, number_at<std::uint8_t>(json, "protocol"));
    range.protocol = Protocol{protocol};
  }
  if (json.find("address") != nullptr) {
    LVS_TRY(range.addr, addr_at(json, "address"));
  }
  if (json.find("source") != nullptr) {
    LVS_TRY(range.source, prefix_at(json, "source"));
  }
  LVS_TRY(range.is_reply, flag_at(json, "is_reply"));
  LVS_TRY(range.first.number, number_at<std::uint16_t>(json, "first"));
  LVS_TRY(range.last.number, number_at<std::uint16_t>(json, "last"));
  return range;
}

Result<std::vector<WithheldRange>> ranges_at(const Json& json, std::string_view key) {
  LVS_TRY(const Json::Array items, items_at(json, key));
  std::vector<WithheldRange> ranges;
  for (const Json& item : items) {
    LVS_TRY(const WithheldRange range, range_from(item));
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace

Json object_json(const Withholding& table) {
  Json ranges = Json::array();
  for (const WithheldRange& range : table.ranges) ranges.push(range_json(range));
  return Json::object({{"table", table.table},
                       {"comment", table.comment},
                       {"services", services_json(table.services)},
                       {"fragments_to", texts(table.fragments_to)},
                       {"replies", services_json(table.replies)},
                       {"ranges", std::move(ranges)},
                       {"own", texts(table.own)},
                       {"links", texts(table.links)},
                       {"rules", std::uint64_t{table.rules}}});
}

template <>
Result<Withholding> object_from(const Json& json) {
  Withholding table;
  LVS_TRY(table.table, json.text_at("table"));
  LVS_TRY(table.comment, json.text_at("comment"));
  LVS_TRY(table.services, services_at(json, "services"));
  LVS_TRY(table.fragments_to, addrs_at(json, "fragments_to"));
  if (json.find("replies") != nullptr) {
    LVS_TRY(table.replies, services_at(json, "replies"));
    LVS_TRY(table.own, addrs_at(json, "own"));
  }
  if (json.find("ranges") != nullptr) {  // not in journals of 0.1
    LVS_TRY(table.ranges, ranges_at(json, "ranges"));
    LVS_TRY(table.own, addrs_at(json, "own"));
  }
  LVS_TRY(table.links, texts_at(json, "links"));
  LVS_TRY(table.rules, number_at<std::size_t>(json, "rules"));
  return table;
}

}  // namespace lvs::profiles
