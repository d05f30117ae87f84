#include "profiles/core/effective.h"

#include <algorithm>
#include <charconv>

namespace lvs::profiles {
namespace {

std::optional<int> number_at(const Snapshot& snapshot, const std::string& key) {
  const std::string* text = snapshot.sysctl(key);
  if (text == nullptr) return std::nullopt;
  int number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::string shown(const Snapshot& snapshot, const std::string& key) {
  const std::string* text = snapshot.sysctl(key);
  return text == nullptr ? "missing" : *text;
}

}  // namespace

std::string conf_key(std::string_view link, std::string_view setting) {
  std::string key = "net/ipv4/conf/";
  key += link;
  key += '/';
  key += setting;
  return key;
}

std::optional<std::string> effective_value(const EffectiveRule& rule, const Snapshot& snapshot) {
  const std::optional<int> all = number_at(snapshot, conf_key("all", rule.setting));
  const std::optional<int> own = number_at(snapshot, conf_key(rule.link, rule.setting));
  if (!all || !own) return std::nullopt;
  if (rule.combine == Combine::Max) return std::to_string(std::max(*all, *own));
  return *all != 0 || *own != 0 ? "1" : "0";
}

bool is_accepted(const std::vector<std::string>& accepted, const std::string& value) {
  return std::find(accepted.begin(), accepted.end(), value) != accepted.end();
}

std::string list_of(const std::vector<std::string>& accepted) {
  std::string text;
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    if (i != 0) text += i + 1 == accepted.size() ? " or " : ", ";
    text += accepted[i];
  }
  return text;
}

std::string describe(const EffectiveRule& rule, const Snapshot& snapshot) {
  return "effective " + rule.setting + " on " + rule.link + " is " +
         effective_value(rule, snapshot).value_or("unknown") + " (all " +
         shown(snapshot, conf_key("all", rule.setting)) + ", " + rule.link + " " +
         shown(snapshot, conf_key(rule.link, rule.setting)) + "), must be " +
         list_of(rule.accepted);
}

}  // namespace lvs::profiles
