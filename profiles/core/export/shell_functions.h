#pragma once

#include <string>

namespace lvs::profiles {

/// The functions of the shell library that a script with this body calls, and those that they call,
/// in the library's order.
std::string functions_for(const std::string& body);

}  // namespace lvs::profiles
