#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/core/profile.h"

namespace lvs::profiles::reading {

enum class Kind : std::uint8_t { Text, Integer, Real, Boolean, Time, List, Table };

struct Member;

/// One value of the file, with the position where it begins. A tree of these is what the schema
/// reads: it knows nothing of the TOML library.
struct Value {
  Kind kind = Kind::Table;
  Where where{};
  std::string name;  ///< the key it was said under; items of a list have the list's
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<Value> items;
  std::vector<Member> members;  ///< in the order of the file

  /// The member of this key, or null.
  const Member* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Where where{};  ///< of the key
  Value value;
};

/// What a person calls it: "text", "an integer".
std::string_view describe(Kind kind);

}  // namespace lvs::profiles::reading
