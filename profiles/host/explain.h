#pragma once

#include <string>
#include <vector>

#include "profiles/core/managers.h"
#include "profiles/core/sysctl_files.h"
#include "profiles/host/examine.h"

// What is around a host's state and explains it: the files that set sysctls at boot, the programs
// that manage the network as well. It only tells; nothing is judged by it.

namespace lvs::host {

struct Surroundings {
  std::vector<profiles::SysctlLine> sysctl_lines;
  std::vector<profiles::FoundManager> managers;
};

Surroundings look_around(const LoadedHost& loaded, const Examined& examined);

/// What will undo the set-up, each a sentence.
std::vector<std::string> warnings(const Surroundings& around, const Examined& examined);

/// What is wrong with VIPs as the kernel uses them now.
std::vector<std::string> vip_problems(const LoadedHost& loaded, const Examined& examined);

/// Who probably made this difference, as the end of a sentence; empty: nobody comes to mind.
std::string blame(const Surroundings& around, const profiles::Step& step);

}  // namespace lvs::host
