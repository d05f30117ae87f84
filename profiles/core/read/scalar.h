#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/core/read/errors.h"
#include "profiles/core/read/value.h"

// From values to types. Each function returns what it understood, or adds one error that says what
// was expected and what was found, and returns nothing.

namespace lvs::profiles::reading {

struct IntegerRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// Bounds of a duration, in the unit that the model keeps.
template <typename Unit>
struct DurationRange {
  Unit least{};
  Unit most{};
};

/// A word of the file and what it stands for.
template <typename T>
struct Word {
  std::string_view text;
  T meaning;
};

/// Adds "`KEY`: expected EXPECTED, found WHAT IS THERE".
void add_mismatch(const Value& value, std::string_view expected, Errors& errors,
                  std::string hint = {});
/// What stands there, for a message: the text in quotes, the number, else the kind.
std::string found_text(const Value& value);

std::optional<std::int64_t> read_integer(const Value& value, IntegerRange range, Errors& errors);
std::optional<bool> read_boolean(const Value& value, Errors& errors);
/// Any non-empty text of printable characters on one line.
std::optional<std::string> read_text(const Value& value, std::string_view expected, Errors& errors);
std::optional<std::chrono::microseconds> read_duration_us(
    const Value& value, DurationRange<std::chrono::microseconds> range, Errors& errors);
/// The index of the word; `expected` is a sentence part like "nat, dr or tun".
std::optional<std::size_t> read_choice(const Value& value,
                                       std::span<const std::string_view> choices, Errors& errors);

std::optional<IpAddr> read_address(const Value& value, Errors& errors);
/// An address that clients use: one host, no network, and a prefix only when it says just that.
std::optional<IpAddr> read_vip(const Value& value, Errors& errors);
/// "ADDRESS/LENGTH" as an interface has it, host bits kept.
std::optional<Prefix> read_interface_address(const Value& value, Errors& errors);
/// "ADDRESS/LENGTH" as a network: host bits must be zero.
std::optional<Prefix> read_network(const Value& value, Errors& errors);
std::optional<MacAddr> read_mac(const Value& value, Errors& errors);
std::optional<std::string> read_interface_name(const Value& value, Errors& errors);
/// A port, or in a text a range of them.
std::optional<PortRange> read_port_range(const Value& value, Errors& errors);

/// The items of a list; anything else is one item.
std::span<const Value> items_of(const Value& value);
/// The items of a list that may not be empty; anything else is one item.
std::span<const Value> one_or_more(const Value& value, std::string_view expected, Errors& errors);
/// The items of a list; anything else is an error and no items.
std::span<const Value> list_items(const Value& value, std::string_view expected, Errors& errors);

/// "a, b or c".
std::string join_choices(std::span<const std::string_view> choices);

template <typename Number>
void read_number(const Value& value, IntegerRange range, Number& into, Errors& errors) {
  if (const auto number = read_integer(value, range, errors)) into = static_cast<Number>(*number);
}

template <typename Unit>
void read_duration(const Value& value, DurationRange<Unit> range, Unit& into, Errors& errors) {
  const auto length = read_duration_us(value, {range.least, range.most}, errors);
  if (!length) return;
  if (*length % Unit{1} != std::chrono::microseconds{0})
    return add_mismatch(
        value, Unit{1} == std::chrono::seconds{1} ? "whole seconds" : "whole milliseconds", errors);
  into = std::chrono::duration_cast<Unit>(*length);
}

template <typename T, std::size_t N, typename Into>
void read_word(const Value& value, const Word<T> (&words)[N], Into& into, Errors& errors) {
  std::vector<std::string_view> choices;
  for (const Word<T>& word : words) choices.push_back(word.text);
  if (const auto index = read_choice(value, choices, errors)) into = words[*index].meaning;
}

/// Appends every item that `read_one` understands.
template <typename T>
void append_each(std::span<const Value> items, std::optional<T> (*read_one)(const Value&, Errors&),
                 std::vector<T>& into, Errors& errors) {
  for (const Value& item : items) {
    if (auto one = read_one(item, errors)) into.push_back(*std::move(one));
  }
}

}  // namespace lvs::profiles::reading
