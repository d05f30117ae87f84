#include <algorithm>

#include "profiles/core/read/scalar.h"
#include "profiles/core/read/sections.h"
#include "profiles/core/read/table.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {
namespace {

using std::chrono::milliseconds;

constexpr DurationRange<milliseconds> kInterval{milliseconds{10}, milliseconds{86'400'000}};
constexpr IntegerRange kTimes{1, 1000};

constexpr Word<CheckType> kTypes[] = {
    {"tcp", CheckType::Tcp},   {"http", CheckType::Http},     {"https", CheckType::Https},
    {"smtp", CheckType::Smtp}, {"dns", CheckType::Dns},       {"udp", CheckType::Udp},
    {"ping", CheckType::Ping}, {"script", CheckType::Script}, {"file", CheckType::File},
};
constexpr Word<bool> kThrough[] = {{"rip", false}, {"vip", true}};

void keep(std::optional<std::string> text, const Value& value, Check& into) {
  if (text) into.options[value.name] = *std::move(text);
}

void read_text_option(const Value& value, Check& into, Errors& errors) {
  keep(read_text(value, "text", errors), value, into);
}

void read_path(const Value& value, Check& into, Errors& errors) {
  if (value.kind == Kind::Text && value.text.starts_with('/'))
    return read_text_option(value, into, errors);
  add_mismatch(value, "a path that begins with /", errors);
}

void read_flag(const Value& value, Check& into, Errors& errors) {
  if (const auto flag = read_boolean(value, errors)) keep(*flag ? "true" : "false", value, into);
}

void read_port(const Value& value, Check& into, Errors& errors) {
  if (const auto port = read_integer(value, {1, 65535}, errors))
    keep(std::to_string(*port), value, into);
}

/// One status or a range of them, as "200-299".
std::optional<std::string> read_status_item(const Value& value, Errors& errors) {
  if (value.kind == Kind::Integer && value.integer >= 100 && value.integer <= 599)
    return std::to_string(value.integer);
  const std::optional<PortRange> range =
      value.kind == Kind::Text ? parse_port_range(value.text) : std::nullopt;
  if (range && range->first.number >= 100 && range->last.number <= 599) return value.text;
  add_mismatch(value, R"(an HTTP status from 100 to 599 or a range like "200-299")", errors);
  return std::nullopt;
}

void read_status(const Value& value, Check& into, Errors& errors) {
  std::string joined;
  for (const Value& item : one_or_more(value, "an HTTP status", errors)) {
    if (const auto status = read_status_item(item, errors))
      joined += (joined.empty() ? "" : ",") + *status;
  }
  keep(joined, value, into);
}

/// A program and its arguments; joined by newlines, which none of them holds.
void read_command(const Value& value, Check& into, Errors& errors) {
  std::string joined;
  for (const Value& item : one_or_more(value, "a program and its arguments", errors)) {
    if (const auto word = read_text(item, "a program and its arguments", errors))
      joined += (joined.empty() ? "" : "\n") + *word;
  }
  keep(joined, value, into);
}

constexpr Key<Check> kKeys[] = {
    {"type",
     [](const Value& value, Check& into, Errors& errors) {
       read_word(value, kTypes, into.type, errors);
     },
     "tcp, http, https, smtp, dns, udp, ping, script or file"},
    {"interval", [](const Value& value, Check& into,
                    Errors& errors) { read_duration(value, kInterval, into.interval, errors); }},
    {"timeout", [](const Value& value, Check& into,
                   Errors& errors) { read_duration(value, kInterval, into.timeout, errors); }},
    {"rise", [](const Value& value, Check& into,
                Errors& errors) { read_number(value, kTimes, into.rise, errors); }},
    {"fall", [](const Value& value, Check& into,
                Errors& errors) { read_number(value, kTimes, into.fall, errors); }},
    {"through", [](const Value& value, Check& into,
                   Errors& errors) { read_word(value, kThrough, into.through_vip, errors); }},
    {"port", read_port},
    {"path", read_path},
    {"status", read_status},
    {"contains", read_text_option},
    {"host", read_text_option},
    {"verify_tls", read_flag},
    {"query", read_text_option},
    {"send", read_text_option},
    {"expect", read_text_option},
    {"command", read_command},
};

/// Which types of check have an option, and for which it must be said.
struct Option {
  std::string_view name;
  std::vector<CheckType> types;
  std::vector<CheckType> required = {};
};
const std::vector<Option>& options() {
  using enum CheckType;
  static const std::vector<Option> rows{
      {"port", {Tcp, Http, Https, Smtp, Dns, Udp}},
      {"path", {Http, Https, File}, {File}},
      {"status", {Http, Https}},
      {"contains", {Http, Https}},
      {"host", {Http, Https, Smtp}},
      {"verify_tls", {Https}},
      {"query", {Dns}},
      {"send", {Tcp, Udp}},
      {"expect", {Tcp, Udp}},
      {"command", {Script}, {Script}},
  };
  return rows;
}

bool contains(const std::vector<CheckType>& types, CheckType type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::string names_of(const std::vector<CheckType>& types) {
  std::vector<std::string_view> names;
  for (const Word<CheckType>& word : kTypes) {
    if (contains(types, word.meaning)) names.push_back(word.text);
  }
  return join_choices(names);
}

void check_options(const Value& value, const Check& check, Errors& errors) {
  if (!well_said(value, "type", errors)) return;
  for (const Option& option : options()) {
    const Member* member = value.find(option.name);
    const std::string key = "`" + std::string{option.name} + "`";
    if (member != nullptr && !contains(option.types, check.type))
      errors.add(member->where, key + " belongs to a check of type " + names_of(option.types) +
                                    ", this one is " + names_of({check.type}));
    if (member == nullptr && contains(option.required, check.type))
      errors.add(value.where,
                 key + " is missing: a check of type " + names_of({check.type}) + " needs it");
  }
}

}  // namespace

Check read_check(const Value& value, std::string_view name, Errors& errors) {
  Check check;
  check.name = name;
  check.where = value.where;
  read_table(value, "a check", kKeys, check, errors);
  if (value.kind == Kind::Table) check_options(value, check, errors);
  return check;
}

void read_checks(const Value& value, std::vector<Check>& into, Errors& errors) {
  if (!is_table(value, "the checks, as [check.NAME]", errors)) return;
  for (const Member& member : value.members) {
    if (!is_host_name(member.key))
      errors.add(member.where, R"(a check's name has letters, digits, "-", "_" and ".", found )" +
                                   quote_text(member.key));
    into.push_back(read_check(member.value, member.key, errors));
  }
}

}  // namespace lvs::profiles::reading
