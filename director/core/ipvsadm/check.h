#pragma once

#include "director/core/ipvsadm/draft.h"
#include "director/core/ipvsadm/refusal.h"

namespace lvs::director::ipvsadm {

/// Holds a draft's values against each other and against its command, as ipvsadm does before it
/// asks the kernel.
Outcome<void> check_draft(const Draft& draft);

}  // namespace lvs::director::ipvsadm
