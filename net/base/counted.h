#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lvs {

/// "1 change", "2 changes": a number with a noun whose plural takes an s.
inline std::string counted(std::size_t number, std::string_view noun) {
  return std::to_string(number) + ' ' + std::string{noun} + (number == 1 ? "" : "s");
}

}  // namespace lvs
