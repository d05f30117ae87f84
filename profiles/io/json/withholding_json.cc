#include "net/wire/addr_text.h"
#include "profiles/io/json/objects.h"
#include "profiles/io/json/values.h"

namespace lvs::profiles {
namespace {

Result<WithheldService> service_from(const Json& json) {
  WithheldService service;
  LVS_TRY(const std::uint8_t protocol, number_at<std::uint8_t>(json, "protocol"));
  service.protocol = Protocol{protocol};
  LVS_TRY(service.addr, ipv4_at(json, "address"));
  LVS_TRY(service.port.number, number_at<std::uint16_t>(json, "port"));
  return service;
}

}  // namespace

Json object_json(const Withholding& table) {
  Json services = Json::array();
  for (const WithheldService& service : table.services) {
    services.push(
        Json::object({{"protocol", std::uint32_t{static_cast<std::uint8_t>(service.protocol)}},
                      {"address", to_string(service.addr)},
                      {"port", std::uint32_t{service.port.number}}}));
  }
  const std::vector<IpAddr> fragments_to(table.fragments_to.begin(), table.fragments_to.end());
  return Json::object({{"table", table.table},
                       {"comment", table.comment},
                       {"services", services},
                       {"fragments_to", texts(fragments_to)},
                       {"links", texts(table.links)},
                       {"rules", std::uint64_t{table.rules}}});
}

template <>
Result<Withholding> object_from(const Json& json) {
  Withholding table;
  LVS_TRY(table.table, json.text_at("table"));
  LVS_TRY(table.comment, json.text_at("comment"));
  LVS_TRY(const Json::Array services, items_at(json, "services"));
  for (const Json& item : services) {
    LVS_TRY(const WithheldService service, service_from(item));
    table.services.push_back(service);
  }
  LVS_TRY(const std::vector<IpAddr> fragments, addrs_at(json, "fragments_to"));
  for (const IpAddr& address : fragments) {
    if (!address.is_v4()) return fail("no IPv4 address: " + to_string(address));
    table.fragments_to.push_back(address.v4());
  }
  LVS_TRY(table.links, texts_at(json, "links"));
  LVS_TRY(table.rules, number_at<std::size_t>(json, "rules"));
  return table;
}

}  // namespace lvs::profiles
