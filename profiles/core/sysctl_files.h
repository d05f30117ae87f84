#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "profiles/core/desired.h"
#include "profiles/core/snapshot.h"

// What the sysctl files of a host will set at boot, whenever systemd-sysctl is started again, and
// (udev) for each interface that comes: sysctl.d(5). Only reading files tells; the values of now
// say nothing about it.

namespace lvs::profiles {

/// One file of a sysctl.d folder as it was read.
struct SysctlFile {
  std::string path;
  std::string text;
  bool masks = false;  ///< a link to /dev/null: hides files of its name in later folders
};

/// One line that sets something, or with no value keeps globs away from a key.
struct SysctlLine {
  std::string pattern;               ///< with slashes; `*`, `?` and `[…]` are globs
  std::optional<std::string> value;  ///< nullopt: "-KEY", an exclusion
  std::string file;
  std::size_t line = 0;
};

/// The lines in effect, in the order of being carried out. `folders` is by priority, the strongest
/// first: a file hides those of its name in later folders; files are taken by name across folders;
/// a later line for the same key replaces an earlier one.
std::vector<SysctlLine> lines_in_effect(const std::vector<std::vector<SysctlFile>>& folders);

/// The line that has the last word on a key, or null. A line that names the key beats every glob,
/// wherever it stands.
const SysctlLine* line_for(const std::vector<SysctlLine>& lines, const std::string& key);

/// Where files set what the host must not have: one sentence each, with FILE:LINE. Combined values
/// (`all` and the interface's own) are judged as the kernel combines them; what no file sets is as
/// `now` has it.
std::vector<std::string> clashes(const Desired& desired, const Snapshot& now,
                                 const std::vector<SysctlLine>& lines);

/// "; FILE:LINE sets it" when the files explain this value of the key, else empty.
std::string culprit(const std::vector<SysctlLine>& lines, const std::string& key,
                    const std::string& value);

}  // namespace lvs::profiles
