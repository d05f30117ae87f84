#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.h"
#include "net/json/json.h"
#include "net/wire/addr.h"

// Members of a journal's objects, checked: every error names the member.

namespace lvs::profiles {

/// A member that is a number of the range of T.
template <typename T>
Result<T> number_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::int64_t number, json.int_at(key));
  if (number < 0 || static_cast<std::uint64_t>(number) > std::numeric_limits<T>::max())
    return fail("`" + std::string(key) + "` is out of range: " + std::to_string(number));
  return static_cast<T>(number);
}

/// A member that is one of an enumeration's first `count` numbers.
template <typename E>
Result<E> enum_at(const Json& json, std::string_view key, std::uint8_t highest) {
  LVS_TRY(const std::uint8_t number, number_at<std::uint8_t>(json, key));
  if (number > highest)
    return fail("`" + std::string(key) + "` is unknown: " + std::to_string(number));
  return static_cast<E>(number);
}

Result<Json> member_at(const Json& json, std::string_view key);
Result<Json::Array> items_at(const Json& json, std::string_view key);
Result<std::vector<std::string>> texts_at(const Json& json, std::string_view key);
/// False when the member is missing.
Result<bool> flag_at(const Json& json, std::string_view key);
Result<Prefix> prefix_at(const Json& json, std::string_view key);
Result<IpAddr> addr_at(const Json& json, std::string_view key);
Result<Ipv4Addr> ipv4_at(const Json& json, std::string_view key);

Json texts(const std::vector<std::string>& items);
/// Each as its text.
Json texts(const std::vector<IpAddr>& items);
Result<std::vector<IpAddr>> addrs_at(const Json& json, std::string_view key);

}  // namespace lvs::profiles
