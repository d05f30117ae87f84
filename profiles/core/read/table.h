#pragma once

#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "profiles/core/read/errors.h"
#include "profiles/core/read/value.h"

// The schema as tables: one row a key. To add a key is to add a row (and, while nothing acts on it,
// one in not_yet.cc).

namespace lvs::profiles::reading {

/// One key of a table of the file, and how its value goes into a T.
template <typename T>
struct Key {
  std::string_view name;
  void (*read)(const Value& value, T& into, Errors& errors);
  /// What is expected when the key must be there; empty when it may be left out.
  std::string_view required = {};
};

/// A known key's name and requirement, free of what it fills.
struct KeyName {
  std::string_view name;
  std::string_view required;
};

/// False, with an error, when the value is not a table.
bool is_table(const Value& value, std::string_view what, Errors& errors);
/// Adds the error for a key that `what` ("a service") does not have.
void add_unknown_key(const Member& member, std::string_view what, std::span<const KeyName> known,
                     Errors& errors);
/// Adds an error for each required key that the table does not say.
void add_missing_keys(const Value& table, std::span<const KeyName> known, Errors& errors);
/// True when the key is there and was understood: what a cross-check may judge.
bool well_said(const Value& table, std::string_view key, const Errors& errors);
/// Where the key's value stands, or the table when it is not said.
Where where_of(const Value& table, std::string_view key);

/// Reads every member of the table by its row. Rows of a key run in the order of the file.
template <typename T>
void read_table(const Value& table, std::string_view what,
                std::span<const Key<std::type_identity_t<T>>> keys, T& into, Errors& errors) {
  if (!is_table(table, what, errors)) return;
  std::vector<KeyName> names;
  for (const Key<T>& key : keys) names.push_back({key.name, key.required});
  for (const Member& member : table.members) {
    const std::size_t before = errors.count();
    std::size_t row = 0;
    while (row < keys.size() && keys[row].name != member.key) ++row;
    if (row == keys.size())
      add_unknown_key(member, what, names, errors);
    else
      keys[row].read(member.value, into, errors);
    if (errors.count() != before) errors.mark_bad(member.where);
  }
  add_missing_keys(table, names, errors);
}

}  // namespace lvs::profiles::reading
