#include "profiles/io/json/values.h"

#include "net/wire/addr_text.h"

namespace lvs::profiles {

Result<Json> member_at(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  if (member == nullptr) return fail("`" + std::string(key) + "` is missing");
  return *member;
}

Result<Json::Array> items_at(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  if (member == nullptr || !member->is_array())
    return fail("`" + std::string(key) + "` is no list");
  return *member->as_array();
}

Result<std::vector<std::string>> texts_at(const Json& json, std::string_view key) {
  LVS_TRY(const Json::Array items, items_at(json, key));
  std::vector<std::string> found;
  for (const Json& item : items) {
    if (item.as_string() == nullptr) return fail("`" + std::string(key) + "` holds no texts");
    found.push_back(*item.as_string());
  }
  return found;
}

Result<bool> flag_at(const Json& json, std::string_view key) {
  if (json.find(key) == nullptr) return false;
  return json.bool_at(key);
}

Result<Prefix> prefix_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::string text, json.text_at(key));
  const std::optional<Prefix> prefix = parse_prefix(text);
  if (!prefix) return fail("`" + std::string(key) + "` is no address/length: " + text);
  return *prefix;
}

Result<IpAddr> addr_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::string text, json.text_at(key));
  const std::optional<IpAddr> address = parse_ip(text);
  if (!address) return fail("`" + std::string(key) + "` is no address: " + text);
  return *address;
}

Result<Ipv4Addr> ipv4_at(const Json& json, std::string_view key) {
  LVS_TRY(const IpAddr address, addr_at(json, key));
  if (!address.is_v4())
    return fail("`" + std::string(key) + "` is no IPv4 address: " + to_string(address));
  return address.v4();
}

Json texts(const std::vector<std::string>& items) {
  Json list = Json::array();
  for (const std::string& item : items) list.push(item);
  return list;
}

Json texts(const std::vector<IpAddr>& items) {
  Json list = Json::array();
  for (const IpAddr& item : items) list.push(to_string(item));
  return list;
}

Result<std::vector<IpAddr>> addrs_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::vector<std::string> found, texts_at(json, key));
  std::vector<IpAddr> addresses;
  for (const std::string& text : found) {
    const std::optional<IpAddr> address = parse_ip(text);
    if (!address) return fail("`" + std::string(key) + "` holds no address: " + text);
    addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace lvs::profiles
