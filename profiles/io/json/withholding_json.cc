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

}  // namespace

Json object_json(const Withholding& table) {
  return Json::object({{"table", table.table},
                       {"comment", table.comment},
                       {"services", services_json(table.services)},
                       {"fragments_to", texts(table.fragments_to)},
                       {"replies", services_json(table.replies)},
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
  LVS_TRY(table.links, texts_at(json, "links"));
  LVS_TRY(table.rules, number_at<std::size_t>(json, "rules"));
  return table;
}

}  // namespace lvs::profiles
