#pragma once

#include "director/core/live_tables.h"
#include "director/core/opening.h"
#include "net/base/time.h"

namespace lvs::director {

/// What everything that judges a frame works with.
struct Moment {
  LiveTables& tables;
  OpeningLimits& limits;
  Tick now{};
};

}  // namespace lvs::director
