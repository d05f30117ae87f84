#pragma once

#include <string>
#include <vector>

#include "director/core/engine.h"

namespace lvs::test {

/// The lines of `ipvsadm -Ln` below its titles.
std::vector<std::string> list_lines(const std::string& recorded);
/// The same of services, as facts of IPVS, 3.3 say it.
std::vector<std::string> list_lines(const std::vector<director::ServiceStatus>& services);

}  // namespace lvs::test
