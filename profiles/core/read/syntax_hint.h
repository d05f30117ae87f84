#pragma once

#include "profiles/core/read.h"
#include "profiles/core/read/lines.h"
#include "profiles/core/read/toml.h"

namespace lvs::profiles::reading {

/// The library's complaint in the words of somebody who writes profiles: for the common mistakes
/// (an address or a word without quotes, a quote or bracket left out, a table said twice) with what
/// to write instead, and placed where the mistake begins instead of where it was noticed.
ProfileError explain(const SyntaxError& error, const Lines& lines, std::string_view file);

}  // namespace lvs::profiles::reading
