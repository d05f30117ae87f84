#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/exit_status.h"

namespace lvs::verify {

enum class Status : std::uint8_t { Pass, Fail, Warn, Skip };

/// "PASS", "FAIL", "WARN", "SKIP".
std::string_view to_string(Status status);

/// One thing that was judged. `id` is stable: scripts and documentation refer to it.
struct Check {
  std::string id;  ///< "owner", "F01", "rotation.order"
  Status status = Status::Pass;
  std::string title;                  ///< one line: what was found
  std::string host;                   ///< the host that has to be mended; empty: none
  std::vector<std::string> evidence;  ///< what was sent, what came back, from whom
  std::string why;                    ///< the cause; empty when there is nothing to explain
  std::string fix;                    ///< a command or an action; empty when nothing is to be done
  friend bool operator==(const Check&, const Check&) = default;
};

/// Everything that one command judged, in the order in which it did.
struct Report {
  std::string command;  ///< "owner", "rotation", "lab test"
  std::string profile;  ///< the profile's name
  std::vector<Check> checks;
  friend bool operator==(const Report&, const Report&) = default;
};

/// How many checks ended in which way.
struct Counts {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t warned = 0;
  std::size_t skipped = 0;
};
Counts count(const Report& report);

/// Differs when a check failed; Ok when at least one was judged and none failed; NoPermission when
/// nothing could be judged (no check, or only skipped ones): a skip is not a pass.
ExitStatus exit_status(const Report& report);

/// "passed", "failed" or "nothing judged".
std::string_view verdict(const Report& report);

/// For people: one line a check, below it evidence, why and what to do for everything but a pass
/// (a pass shows its evidence alone), the summary last. ANSI colours only when asked for.
std::string to_text(const Report& report, bool colour);

}  // namespace lvs::verify
