#pragma once

#include <string>

namespace lvs::profiles {

/// Where the files of a system are that outlive a boot: the only place that spells those paths. A
/// test gives another `root` and calls its own network namespace that of the boot.
struct Places {
  std::string root;  ///< in front of every path; empty on a real system
  /// The network namespace that the system boots in: what is persistent is made there.
  std::string boot_netns = "/proc/1/ns/net";

  std::string sysctl_folder() const { return root + "/etc/sysctl.d"; }
  std::string unit_folder() const { return root + "/etc/systemd/system"; }
  std::string enabled_folder() const { return unit_folder() + "/multi-user.target.wants"; }
  std::string journals() const { return root + "/var/lib/lvskit"; }

  /// Sorts behind what distributions and people use, so that it is in effect.
  std::string sysctl_file(const std::string& profile) const {
    return sysctl_folder() + "/99-zz-lvskit-" + profile + ".conf";
  }
};

}  // namespace lvs::profiles
