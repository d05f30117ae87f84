#pragma once

#include <string>
#include <vector>

namespace lvs {

/// "a, b, c": texts, or values that have a to_string().
template <typename Item>
std::string joined(const std::vector<Item>& items, const std::string& separator = ", ") {
  std::string text;
  for (const Item& item : items) {
    if (!text.empty()) text += separator;
    if constexpr (requires { text += item; }) {
      text += item;
    } else {
      text += to_string(item);
    }
  }
  return text;
}

}  // namespace lvs
