#pragma once

#include <string>
#include <vector>

#include "net/json/json.h"

namespace lvs::test {

/// Plays a recording with `lvs-director simulate`'s code. Returns what it says otherwise than the
/// recording, all of which counts: servers, states, replies, forwarded packets, templates but for
/// their expiry, and the final list. Empty when all is alike.
std::vector<std::string> differences_to(const Json& recording);

}  // namespace lvs::test
