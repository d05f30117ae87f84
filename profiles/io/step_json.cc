#include "profiles/io/step_json.h"

#include "net/base/overload.h"
#include "profiles/io/json/objects.h"
#include "profiles/io/json/values.h"

namespace lvs::profiles {
namespace {

Json step_named(std::string_view verb, std::string_view kind) {
  return Json::object({{"do", std::string(verb) + std::string(kind)}});
}

Result<Step> sysctl_step(const Json& json) {
  SetSysctl step;
  LVS_TRY(step.key, json.text_at("key"));
  LVS_TRY(step.value, json.text_at("value"));
  LVS_TRY(step.before, json.text_at("before"));
  LVS_TRY(step.original, json.text_at("original"));
  return Step{step};
}

// How each form of step is read, once for every kind of object: the alternatives of Step say which
// kinds there are.

template <typename S>
struct Form;
template <typename T>
struct Form<Add<T>> {
  static constexpr std::string_view kVerb = "add_";
  static Result<Step> read(const Json& json) {
    LVS_TRY(const Json member, member_at(json, "object"));
    LVS_TRY(const T object, object_from<T>(member));
    return Step{Add<T>{object}};
  }
};
template <typename T>
struct Form<Remove<T>> {
  static constexpr std::string_view kVerb = "remove_";
  static Result<Step> read(const Json& json) {
    LVS_TRY(const Json member, member_at(json, "object"));
    LVS_TRY(const T object, object_from<T>(member));
    return Step{Remove<T>{object}};
  }
};
template <typename T>
struct Form<Replace<T>> {
  static constexpr std::string_view kVerb = "replace_";
  static Result<Step> read(const Json& json) {
    LVS_TRY(const Json before_member, member_at(json, "before"));
    LVS_TRY(const Json after_member, member_at(json, "after"));
    LVS_TRY(const T before, object_from<T>(before_member));
    LVS_TRY(const T after, object_from<T>(after_member));
    return Step{Replace<T>{before, after}};
  }
};

using Reader = Result<Step> (*)(const Json&);

/// The reader of alternative S when it goes by this name.
template <typename S>
Reader reader_of(std::string_view name) {
  if constexpr (requires { typename S::Object; }) {
    const std::string own = std::string(Form<S>::kVerb) + Kind<typename S::Object>::kName;
    return own == name ? &Form<S>::read : nullptr;
  } else {
    return nullptr;
  }
}

template <typename... S>
Reader find_reader(std::string_view name, const std::variant<S...>* /*which*/) {
  Reader found = name == "set_sysctl" ? &sysctl_step : nullptr;
  ((found = found != nullptr ? found : reader_of<S>(name)), ...);
  return found;
}

}  // namespace

Json to_json(const Step& step) {
  return std::visit(
      Overload{
          [](const SetSysctl& s) {
            return Json::object({{"do", "set_sysctl"}})
                .set("key", s.key)
                .set("value", s.value)
                .set("before", s.before)
                .set("original", s.original);
          },
          []<typename T>(const Add<T>& s) {
            return step_named("add_", Kind<T>::kName).set("object", object_json(s.object));
          },
          []<typename T>(const Remove<T>& s) {
            return step_named("remove_", Kind<T>::kName).set("object", object_json(s.object));
          },
          []<typename T>(const Replace<T>& s) {
            return step_named("replace_", Kind<T>::kName)
                .set("before", object_json(s.before))
                .set("after", object_json(s.after));
          },
          [&](const auto&) {
            return Json::object({{"do", "look"}}).set("what", describe(step));
          },
      },
      step);
}

Result<Step> step_from_json(const Json& json) {
  LVS_TRY(const std::string name, json.text_at("do"));
  const Reader reader = find_reader(name, static_cast<const Step*>(nullptr));
  if (reader == nullptr) return fail("unknown step `" + name + "`");
  return reader(json);
}

}  // namespace lvs::profiles
