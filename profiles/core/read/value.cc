#include "profiles/core/read/value.h"

#include <algorithm>

namespace lvs::profiles::reading {

const Member* Value::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::Text:
      return "text";
    case Kind::Integer:
      return "an integer";
    case Kind::Real:
      return "a fraction";
    case Kind::Boolean:
      return "true or false";
    case Kind::Time:
      return "a date or time";
    case Kind::List:
      return "a list";
    case Kind::Table:
      return "a table";
  }
  return "";
}

}  // namespace lvs::profiles::reading
