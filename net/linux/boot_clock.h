#pragma once

#include <chrono>

#include "net/base/result.h"

namespace lvs::linux_net {

/// Time since boot, with the time that the machine slept (CLOCK_BOOTTIME): what a deadline that
/// outlives a process is told in.
std::chrono::milliseconds boot_time();

/// Waits until a process has ended (true), or until this time since boot (false). `pidfd` -1: only
/// for the time. A machine that slept past it wakes up to it.
Result<bool> wait_for_end(int pidfd, std::chrono::milliseconds until);

}  // namespace lvs::linux_net
