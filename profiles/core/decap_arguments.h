#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/objects/decap.h"

// The command line of a decapsulating process. It is all that tells such a process from others, so
// what is found of a running one gives the object back.

namespace lvs::profiles {

inline constexpr const char* kDecapProgram = "lvs-realserver";
inline constexpr const char* kDecapCommand = "decap";

/// "decap --profile web --target ipip,10.0.0.2 --target gue,10.0.0.2,6080 --vip 10.0.0.9 …",
/// without the program's name.
std::vector<std::string> decap_arguments(const DecapProcess& process);

/// The same back. Errors name the argument that is wrong.
Result<DecapProcess> parse_decap_arguments(std::span<const std::string> arguments);

}  // namespace lvs::profiles
