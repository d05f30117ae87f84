#pragma once

#include <string>
#include <vector>

#include "profiles/core/profile.h"

namespace lvs::verify {

/// Which of our programs sets a host of the profile up.
struct HostPart {
  std::string host;
  std::string program;  ///< "lvs-realserver" or "lvs-director"
};

/// The hosts that have a part to set up, in the order in which it is done: what lies between
/// clients and directors first, the directors last.
std::vector<HostPart> host_parts(const profiles::Profile& profile);

/// What the director of this version does not forward yet: "method nat (service tcp-10.0.0.1-80)";
/// empty when it forwards every service.
std::string not_forwarded(const profiles::Profile& profile);

}  // namespace lvs::verify
