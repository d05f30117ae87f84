#include "profiles/core/read/table.h"

#include "profiles/core/read/nearest.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {
namespace {

std::string backticked(std::string_view key) {
  const std::string text = quote_text(key);
  return "`" + text.substr(1, text.size() - 2) + "`";
}

std::string key_hint(std::string_view key, std::span<const KeyName> known) {
  std::vector<std::string_view> names;
  for (const KeyName& row : known) names.push_back(row.name);
  if (const auto meant = nearest(key, names)) return "did you mean `" + std::string{*meant} + "`?";
  return "it has " + join_choices(names);
}

}  // namespace

bool is_table(const Value& value, std::string_view what, Errors& errors) {
  if (value.kind == Kind::Table) return true;
  const bool has_double_brackets =
      value.kind == Kind::List && !value.items.empty() && value.items[0].kind == Kind::Table;
  add_mismatch(value, "a table that describes " + std::string{what}, errors,
               has_double_brackets ? "write it with single brackets" : "");
  return false;
}

void add_unknown_key(const Member& member, std::string_view what, std::span<const KeyName> known,
                     Errors& errors) {
  if (errors.full()) return errors.add(member.where, {});
  errors.add(member.where, std::string{what} + " has no key " + backticked(member.key),
             key_hint(member.key, known));
}

void add_missing_keys(const Value& table, std::span<const KeyName> known, Errors& errors) {
  for (const KeyName& key : known) {
    if (!key.required.empty() && table.find(key.name) == nullptr)
      errors.add(table.where, "`" + std::string{key.name} + "` is missing: expected " +
                                  std::string{key.required});
  }
}

bool well_said(const Value& table, std::string_view key, const Errors& errors) {
  const Member* member = table.find(key);
  return member != nullptr && !errors.is_bad(member->where);
}

Where where_of(const Value& table, std::string_view key) {
  const Member* member = table.find(key);
  return member == nullptr ? table.where : member->value.where;
}

}  // namespace lvs::profiles::reading
