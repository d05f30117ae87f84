#pragma once

#include <string>
#include <vector>

#include "verify/lab/topology.h"

namespace lvs::verify {

struct SysctlSetting {
  std::string key;  ///< below /proc/sys, with slashes
  std::string value;
  friend bool operator==(const SysctlSetting&, const SysctlSetting&) = default;
};

/// Everything that a host's path depends on, written out: a new namespace inherits IPv4's `all` and
/// `default` from the first one (net.core.devconf_inherit_init_net), so a CI host with arp_ignore=1
/// would hide what a test is to find. The values are the kernel's own defaults, so that what a
/// set-up needs is done by the set-up; forwarding is on for routers only. Written before the NICs
/// exist.
std::vector<SysctlSetting> host_sysctls(const LabHost& host);

/// The same for one interface of a host, once it exists (lo exists from the beginning).
std::vector<SysctlSetting> interface_sysctls(const LabHost& host, const std::string& interface);

}  // namespace lvs::verify
