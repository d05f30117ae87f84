#pragma once

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "profiles/core/step.h"
#include "profiles/host/host_part.h"

// What a host command found or did, as one value that is printed for a person or as one JSON
// document (schema 1).

namespace lvs::host {

struct ReportItem {
  char sign = ' ';  ///< '+' '-' '~' as in a diff, '?' a proof, '!' drift or conflict
  std::string what;
  std::string why;
};

struct Report {
  std::string command;
  std::string profile;
  std::string host;
  ExitStatus status = ExitStatus::Ok;
  std::string result;   ///< one word for scripts: "in_sync", "differs", "applied" …
  std::string summary;  ///< one line for people
  std::vector<ReportItem> items;
  std::vector<std::string> notes;
  std::vector<std::string> skipped;
  /// How much time a confirmation has, when one is waited for.
  std::optional<std::chrono::milliseconds> confirm_left{};
};

ReportItem item_of(const profiles::Step& step, const std::string& why);

/// Prints the report to `out` and gives its status.
ExitStatus print(const Report& report, const HostOptions& options, std::ostream& out);
/// Prints a failure: text to `err`, or with --json a document with `errors` to `out`.
ExitStatus print(const HostFailure& failure, const std::string& command, const HostOptions& options,
                 std::ostream& out, std::ostream& err);

}  // namespace lvs::host
