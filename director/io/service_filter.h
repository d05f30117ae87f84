#pragma once

#include <linux/filter.h>

#include <span>
#include <vector>

#include "director/core/engine.h"
#include "net/base/result.h"

namespace lvs::director {

/// The classic BPF program of the carrier's sockets: it takes exactly what withholding keeps from
/// the kernel, IPv4 packets whose protocol · destination · port is a service, and every fragment to
/// a VIP. Exactly, because a frame that the kernel has too must not be given back to it: it would
/// arrive twice. Frames with a VLAN tag belong to another link and are refused.
///
/// An error when the services need more than the kernel's 4096 instructions; neighbouring ports
/// cost no more than one.
Result<std::vector<sock_filter>> service_filter(std::span<const ServiceKey> services);

}  // namespace lvs::director
