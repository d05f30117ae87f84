#pragma once

#include "net/base/result.h"
#include "profiles/core/kernel.h"
#include "profiles/core/step.h"

namespace lvs::profiles {

/// Waits for udev to have done with a new link, then reads the value again and sets it once more
/// where that changed it (systemd replays the distribution's sysctls on every new link).
Result<StepNote> settle_sysctl(const SettleSysctl& step);

}  // namespace lvs::profiles
