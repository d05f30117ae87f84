// Files, and switches that carry their own before-image.

#include "profiles/io/json/objects.h"
#include "profiles/io/json/values.h"

namespace lvs::profiles {

Json object_json(const FileFact& file) {
  return Json::object({{"path", file.path}, {"content", file.content}, {"is_link", file.is_link}});
}

template <>
Result<FileFact> object_from(const Json& json) {
  FileFact file;
  LVS_TRY(file.path, json.text_at("path"));
  LVS_TRY(file.content, json.text_at("content"));
  LVS_TRY(file.is_link, flag_at(json, "is_link"));
  return file;
}

Json object_json(const Forward6Fact& forwarding) {
  Json before = Json::array();
  for (const auto& [key, value] : forwarding.before)
    before.push(Json::object({{"key", key}, {"value", value}}));
  return Json::object({{"before", before}});
}

template <>
Result<Forward6Fact> object_from(const Json& json) {
  Forward6Fact forwarding;
  LVS_TRY(const Json::Array before, items_at(json, "before"));
  for (const Json& item : before) {
    LVS_TRY(const std::string key, item.text_at("key"));
    LVS_TRY(forwarding.before[key], item.text_at("value"));
  }
  return forwarding;
}

}  // namespace lvs::profiles
