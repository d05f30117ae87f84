#pragma once

#include "net/base/result.h"
#include "profiles/core/kernel.h"
#include "profiles/core/step.h"

namespace lvs::profiles {

/// Proves that a tunnel packet of a director brings its inner packet to this host, without sending
/// anything: the NIC receives a packet that we made, and a socket of ours on the VIP must get what
/// is in it. Not permitted here (needs CAP_BPF): skipped, with the reason. When it does not arrive,
/// the error names who dropped it, where the kernel can be asked (nf_tables' trace).
Result<StepNote> probe_tunnel(const TunnelProbe& step);

}  // namespace lvs::profiles
