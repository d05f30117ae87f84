#pragma once

#include <linux/filter.h>

#include <vector>

#include "director/io/selection.h"
#include "net/base/result.h"

namespace lvs::director {

/// The classic BPF program of the carrier's sockets: it takes exactly the frames of the selection.
/// Frames with a VLAN tag belong to another link and are refused.
///
/// An error when the services need more than the kernel's 4096 instructions; neighbouring ports
/// cost no more than one.
Result<std::vector<sock_filter>> service_filter(const Selection& selection);

}  // namespace lvs::director
