#pragma once

#include "director/core/engine.h"
#include "net/base/result.h"

namespace lvs::director {

/// Anonymous memory for an engine's tables, in large pages where the kernel has them: a million
/// flows in random order otherwise spend more time on finding pages than on reading records. Costs
/// nothing until it is written to.
Result<TableMemory> map_table_memory(const EngineLimits& limits);

}  // namespace lvs::director
