#pragma once

#include <string_view>

#include "director/core/ipvsadm/refusal.h"
#include "director/core/scheduler/flags.h"

namespace lvs::director::ipvsadm {

/// ipvsadm -b: "flag-1,flag-3", or the names that sh and mh have for them.
Outcome<SchedulerFlags> parse_scheduler_flags(std::string_view text, std::string_view scheduler);

}  // namespace lvs::director::ipvsadm
