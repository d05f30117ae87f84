#include "profiles/core/read/scalar.h"

#include "net/wire/addr_text.h"
#include "profiles/core/read/nearest.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {

using std::chrono::microseconds;

std::string found_text(const Value& value) {
  switch (value.kind) {
    case Kind::Text:
      return quote_text(value.text);
    case Kind::Integer:
      return std::to_string(value.integer);
    case Kind::Boolean:
      return value.boolean ? "true" : "false";
    default:
      return std::string{describe(value.kind)};
  }
}

void add_mismatch(const Value& value, std::string_view expected, Errors& errors, std::string hint) {
  errors.add(
      value.where,
      "`" + value.name + "`: expected " + std::string{expected} + ", found " + found_text(value),
      std::move(hint));
}

std::string join_choices(std::span<const std::string_view> choices) {
  std::string joined;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) joined += i + 1 == choices.size() ? " or " : ", ";
    joined += choices[i];
  }
  return joined;
}

std::optional<std::int64_t> read_integer(const Value& value, IntegerRange range, Errors& errors) {
  if (value.kind == Kind::Integer && value.integer >= range.least && value.integer <= range.most)
    return value.integer;
  std::string hint;
  if (value.kind == Kind::Text && parse_number(value.text))
    hint = "write " + value.text + " without quotes";
  const std::string least = std::to_string(range.least);
  const std::string span = "an integer from " + least + " to " + std::to_string(range.most);
  add_mismatch(value, range.least == range.most ? least : span, errors, std::move(hint));
  return std::nullopt;
}

std::optional<bool> read_boolean(const Value& value, Errors& errors) {
  if (value.kind == Kind::Boolean) return value.boolean;
  std::string hint;
  if (value.kind == Kind::Text && (value.text == "true" || value.text == "false"))
    hint = "write " + value.text + " without quotes";
  add_mismatch(value, "true or false", errors, std::move(hint));
  return std::nullopt;
}

std::optional<std::string> read_text(const Value& value, std::string_view expected,
                                     Errors& errors) {
  const bool is_plain = value.kind == Kind::Text && !value.text.empty() &&
                        printable(value.text) == value.text &&
                        value.text.find('\t') == std::string::npos;
  if (is_plain) return value.text;
  add_mismatch(
      value, expected, errors,
      value.kind == Kind::Integer ? "write \"" + std::to_string(value.integer) + "\"" : "");
  return std::nullopt;
}

std::optional<microseconds> read_duration_us(const Value& value, DurationRange<microseconds> range,
                                             Errors& errors) {
  const std::optional<microseconds> length =
      value.kind == Kind::Text ? parse_duration(value.text) : std::nullopt;
  if (length && *length >= range.least && *length <= range.most) return length;
  if (length) {
    add_mismatch(
        value, "a duration from " + duration_text(range.least) + " to " + duration_text(range.most),
        errors);
    return std::nullopt;
  }
  std::string hint = "a duration is a number with a unit: us, ms, s, m, h or d";
  if (value.kind == Kind::Integer && value.integer >= 0)
    hint = "say the unit: \"" + std::to_string(value.integer) + "s\"";
  add_mismatch(value, "a duration like \"90s\"", errors, std::move(hint));
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Value& value,
                                       std::span<const std::string_view> choices, Errors& errors) {
  if (value.kind == Kind::Text) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i] == value.text) return i;
    }
  }
  std::string hint;
  if (value.kind == Kind::Text && !errors.full()) {
    if (const auto meant = nearest(value.text, choices))
      hint = "did you mean \"" + std::string{*meant} + "\"?";
  }
  add_mismatch(value, join_choices(choices), errors, std::move(hint));
  return std::nullopt;
}

std::optional<std::string> read_interface_name(const Value& value, Errors& errors) {
  if (value.kind == Kind::Text && is_interface_name(value.text)) return value.text;
  std::string hint;
  if (value.kind == Kind::Text && value.text.find(':') != std::string::npos)
    hint = "\"" + printable(value.text.substr(0, value.text.find(':'))) +
           "\" is the interface; the label of a VIP is derived";
  else if (value.kind == Kind::Text && value.text.size() > kMaxInterfaceName)
    hint = "interface names and address labels end at 15 bytes (IFNAMSIZ), these are " +
           std::to_string(value.text.size());
  add_mismatch(value, "an interface name of 1 to 15 bytes without slash, colon or space", errors,
               std::move(hint));
  return std::nullopt;
}

std::optional<PortRange> read_port_range(const Value& value, Errors& errors) {
  if (value.kind == Kind::Integer && value.integer >= 0 && value.integer <= 65535) {
    const Port port{static_cast<std::uint16_t>(value.integer)};
    return PortRange{port, port};
  }
  const std::optional<PortRange> range =
      value.kind == Kind::Text ? parse_port_range(value.text) : std::nullopt;
  if (range && range->first != range->last) return range;
  const bool is_number = value.kind == Kind::Text && parse_number(value.text);
  add_mismatch(value, "a port from 0 to 65535 or a range like \"8000-8010\"", errors,
               is_number ? "write " + value.text + " without quotes" : "");
  return std::nullopt;
}

std::span<const Value> items_of(const Value& value) {
  return value.kind == Kind::List ? std::span<const Value>{value.items}
                                  : std::span<const Value>{&value, 1};
}

std::span<const Value> one_or_more(const Value& value, std::string_view expected, Errors& errors) {
  const std::span<const Value> items = items_of(value);
  if (items.empty())
    errors.add(value.where,
               "`" + value.name + "`: expected " + std::string{expected} + ", found an empty list");
  return items;
}

std::span<const Value> list_items(const Value& value, std::string_view expected, Errors& errors) {
  if (value.kind == Kind::List) return value.items;
  std::string hint;
  if (value.kind == Kind::Text) hint = "write [" + quote_text(value.text) + "]";
  add_mismatch(value, expected, errors, std::move(hint));
  return {};
}

}  // namespace lvs::profiles::reading
