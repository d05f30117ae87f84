#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "profiles/core/journal.h"

namespace lvs::host {

/// An apply whose steps are done and which waits for its confirmation.
struct Waiting {
  std::chrono::milliseconds left{};
  bool guarded = false;  ///< its guard is alive; without one the next command rolls it back
};

/// nullopt: none waits, or its time is over.
std::optional<Waiting> waiting_in(const profiles::Journal& journal);

/// "42 s", "7 min 5 s": rounded up, so that it is never "0 s" while there is time.
std::string time_left_text(std::chrono::milliseconds left);

/// "an apply of profile web waits for its confirmation, 42 s left".
std::string waiting_text(const profiles::Journal& journal, const Waiting& waiting);

}  // namespace lvs::host
