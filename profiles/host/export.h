#pragma once

#include <ostream>

#include "profiles/host/host_part.h"

namespace lvs::host {

/// Prints what `apply` would do, in options.format: sh, networkd or sysctl. Looks at nothing but
/// the profile when the host is named.
ExitStatus export_host(const HostOptions& options, std::ostream& out, std::ostream& err);

}  // namespace lvs::host
