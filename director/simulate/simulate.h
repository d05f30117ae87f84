#pragma once

#include <istream>
#include <ostream>

#include "director/core/ipvsadm/names.h"

namespace lvs::director::simulate {

/// Answers each line of `in` with a line of `out`, flushed, until the end: with what came of its
/// record, or with why it could not be played. False when one could not. Empty lines are passed
/// over.
bool simulate_lines(std::istream& in, std::ostream& out, const ipvsadm::Names& names);

}  // namespace lvs::director::simulate
