#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "verify/core/failure.h"
#include "verify/lab/record.h"

// A lab: a profile's cluster in network namespaces of its own. Nothing is made in the caller's.

namespace lvs::verify {

/// Which lab, and where its folder lives.
struct LabOptions {
  std::string profile_or_name;           ///< a profile file; where the lab is up already, its name
  std::optional<std::string> name;       ///< --name; default: the profile's
  std::optional<std::string> state_dir;  ///< --state-dir
  std::string self;                      ///< path of this program
};

/// A lab that is up, with its folder.
struct RunningLab {
  LabRecord record;
  std::filesystem::path folder;
};

/// Builds the lab and starts its servers. 65: the profile is wrong; 77: namespaces are not to be
/// had, naming the right; 1: a lab of that name is up, naming its holder, or something failed and
/// everything was taken down again. What a crash left of an earlier one is cleaned up first.
Outcome<RunningLab> lab_up(const LabOptions& options);

/// Ends the lab's processes and removes its folder. Absent: nothing to do, also after a crash.
/// Gives whether there was one.
Outcome<bool> lab_down(const LabOptions& options);

/// The lab, checked to be up.
Outcome<RunningLab> find_lab(const LabOptions& options);

/// All labs below the base folder that have a record, sorted by name.
Outcome<std::vector<LabRecord>> list_labs(const std::optional<std::string>& state_dir);

}  // namespace lvs::verify
