#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"

namespace lvs::verify {

/// Answers each datagram on the given UDP ports with "NAME " and what came, from the address that
/// it was sent to (a VIP on lo is not the address that the kernel would choose), in both families
/// where the kernel has both. Does not return but with an error.
Result<void> run_echo(const std::string& name, const std::vector<Port>& ports);

}  // namespace lvs::verify
