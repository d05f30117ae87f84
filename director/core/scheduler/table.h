#pragma once

#include <array>
#include <string_view>
#include <variant>

#include "director/core/scheduler/outside.h"
#include "director/core/scheduler/rr.h"

namespace lvs::director {

/// A scheduler picks a position in a service's list, or nothing when no server may take the flow.
/// It sees only weights and counters, so a test needs no packet. To add one: a struct with
/// RoundRobin's face, its name in the variant, a line in the table, a test.
using Scheduler = std::variant<RoundRobin, OutsideScheduler>;

struct SchedulerName {
  std::string_view name;     ///< as written in a profile and by ipvsadm
  std::string_view summary;  ///< one line, no full stop
  Scheduler (*make)() = nullptr;
};

inline constexpr std::array kSchedulers{
    SchedulerName{"rr", "each server in turn", [] { return Scheduler{RoundRobin{}}; }},
};

}  // namespace lvs::director
