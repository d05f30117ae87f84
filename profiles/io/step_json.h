#pragma once

#include "net/base/result.h"
#include "net/json/json.h"
#include "profiles/core/step.h"

namespace lvs::profiles {

/// A step of the kinds that change the host, as the journal keeps it: an object with `do` (its
/// kind) and its values, from which the same step comes back.
Json to_json(const Step& step);
/// The error names the member that is missing or wrong.
Result<Step> step_from_json(const Json& json);

}  // namespace lvs::profiles
