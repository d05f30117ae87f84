#include "profiles/core/read/toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

namespace lvs::profiles::reading {
namespace {

Where to_where(const toml::source_position& position) { return {position.line, position.column}; }

Value convert(const toml::node& node, std::string_view name);

/// The library keeps members sorted by name; the file's order is what people know.
Value convert_table(const toml::table& table, Value value) {
  for (const auto& [key, node] : table)
    value.members.push_back(
        {std::string{key.str()}, to_where(key.source().begin), convert(node, key.str())});
  std::sort(value.members.begin(), value.members.end(), [](const Member& a, const Member& b) {
    return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
  });
  return value;
}

Value convert_list(const toml::array& list, Value value) {
  for (const toml::node& node : list) value.items.push_back(convert(node, value.name));
  return value;
}

Value convert(const toml::node& node, std::string_view name) {
  Value value;
  value.where = to_where(node.source().begin);
  value.name = name;
  switch (node.type()) {
    case toml::node_type::table:
      value.kind = Kind::Table;
      break;
    case toml::node_type::array:
      value.kind = Kind::List;
      break;
    case toml::node_type::string:
      value.kind = Kind::Text;
      value.text = node.ref<std::string>();
      break;
    case toml::node_type::integer:
      value.kind = Kind::Integer;
      value.integer = node.ref<std::int64_t>();
      break;
    case toml::node_type::boolean:
      value.kind = Kind::Boolean;
      value.boolean = node.ref<bool>();
      break;
    case toml::node_type::floating_point:
      value.kind = Kind::Real;
      break;
    case toml::node_type::none:
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      value.kind = Kind::Time;
      break;
  }
  if (const toml::table* table = node.as_table()) return convert_table(*table, std::move(value));
  if (const toml::array* list = node.as_array()) return convert_list(*list, std::move(value));
  return value;
}

}  // namespace

std::variant<Value, SyntaxError> parse_toml(std::string_view text) {
  try {
    return convert(toml::parse(text), "");
  } catch (const toml::parse_error& error) {
    return SyntaxError{to_where(error.source().begin), std::string{error.description()}};
  }
}

}  // namespace lvs::profiles::reading
