#pragma once

#include <span>
#include <string>

namespace lvs::realserver {

/// The hidden command `decap` (profiles/core/decap_arguments.h): takes tunnel packets and gives
/// what is inside to the kernel until it is ended. Writes "ready" to standard output when it works,
/// or what went wrong, and closes it. The exit status.
int run_decap(std::span<const std::string> arguments);

}  // namespace lvs::realserver
