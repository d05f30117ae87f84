#pragma once

#include <string>

#include "profiles/core/desired.h"

// What a host should be, written for those who cannot run our programs there: to be read, kept and
// carried out by others. Nothing here has seen the host. What a format cannot say stands in it as a
// comment. The same profile always gives the same text.

namespace lvs::profiles {

/// A POSIX shell script with `up` and `down`, which keeps the values from before. Needs ip, nft
/// where there are tables, and the usual tools.
std::string export_sh(const Desired& desired, const std::string& program);

/// Files of systemd-networkd; the name of each stands before it in a comment.
std::string export_networkd(const Desired& desired, const std::string& program);

/// A file for sysctl.d: only the sysctls, with the rest as comments.
std::string export_sysctl(const Desired& desired, const std::string& program);

}  // namespace lvs::profiles
