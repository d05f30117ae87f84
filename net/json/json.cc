#include "net/json/json.h"

#include <algorithm>

namespace lvs {
namespace {

tl::unexpected<Error> wrong_member(std::string_view key, const char* expected, const Json* found) {
  const std::string name = "\"" + std::string(key) + "\"";
  if (found == nullptr) return fail("the member " + name + " is missing; expected " + expected);
  return fail("the member " + name + " must be " + expected);
}

}  // namespace

Json Json::object(std::initializer_list<Member> members) {
  Json value;
  value.value_ = Object(members);
  return value;
}

Json Json::from_members(Object members) {
  Json value;
  value.value_ = std::move(members);
  return value;
}

Json Json::array() {
  Json value;
  value.value_ = Array{};
  return value;
}

Json& Json::set(std::string_view key, Json value) {
  if (!is_object()) value_ = Object{};
  auto& members = std::get<Object>(value_);
  const auto found = std::ranges::find(members, key, &Member::first);
  if (found == members.end())
    members.emplace_back(std::string(key), std::move(value));
  else
    found->second = std::move(value);
  return *this;
}

Json& Json::push(Json value) {
  if (!is_array()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

const Json* Json::find(std::string_view key) const {
  const Object* members = as_object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, key, &Member::first);
  return found == members->end() ? nullptr : &found->second;
}

Result<std::string> Json::text_at(std::string_view key) const {
  const Json* member = find(key);
  if (member == nullptr || member->as_string() == nullptr) return wrong_member(key, "text", member);
  return *member->as_string();
}

Result<std::int64_t> Json::int_at(std::string_view key) const {
  const Json* member = find(key);
  if (member == nullptr || member->as_int() == nullptr)
    return wrong_member(key, "a whole number", member);
  return *member->as_int();
}

Result<bool> Json::bool_at(std::string_view key) const {
  const Json* member = find(key);
  if (member == nullptr || member->as_bool() == nullptr)
    return wrong_member(key, "true or false", member);
  return *member->as_bool();
}

}  // namespace lvs
