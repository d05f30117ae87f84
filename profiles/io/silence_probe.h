#pragma once

#include "net/base/result.h"
#include "net/linux/rtnetlink.h"
#include "profiles/core/kernel.h"
#include "profiles/core/step.h"

namespace lvs::profiles {

/// Proves that this host does not claim the VIPs: the NIC is made to receive a question for each
/// VIP (a who-has, or for IPv6 a neighbour solicitation) and then one for the host's own address,
/// while a tap watches what the host sends. The kernel handles them in order, so once the answer
/// for the own address has been seen (the control), the answers for the VIPs would have been seen
/// before it. A claim is an error. The questions claim nothing, so that the host learns nothing
/// from them. Where the control cannot be seen, or frames cannot be injected (no CAP_BPF in the
/// first user namespace, an older kernel), the note says `skipped` and why: nothing was proven.
Result<StepNote> probe_silence(const ArpProbe& probe, const linux_net::Link& link);

}  // namespace lvs::profiles
