#pragma once

#include <string>
#include <string_view>

namespace lvs {

/// A sysctl's key as sysctl(8) prints it: slashes become dots, and dots (of interface names) become
/// slashes. A key is the path below /proc/sys everywhere else.
inline std::string dotted(std::string_view key) {
  std::string text(key);
  for (char& c : text) {
    if (c == '/')
      c = '.';
    else if (c == '.')
      c = '/';
  }
  return text;
}

}  // namespace lvs
