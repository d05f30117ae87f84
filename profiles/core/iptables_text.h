#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/core/objects/filter.h"

namespace lvs::profiles {

/// The filter table as `iptables -S` prints it.
struct IptablesTable {
  std::map<std::string, std::string> policies;  ///< of the built-in chains: "ACCEPT", "DROP"
  std::map<std::string, std::vector<FilterRule>> chains;
};

/// What is not understood becomes an unknown condition; nothing is refused.
IptablesTable parse_iptables(std::string_view text, Family family);

}  // namespace lvs::profiles
