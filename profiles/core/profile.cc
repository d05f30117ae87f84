#include "profiles/core/profile.h"

#include <algorithm>

namespace lvs::profiles {

bool is_profile_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxProfileName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::string describe(const NotYet& later) {
  return "`" + later.key + "` (line " + std::to_string(later.where.line) +
         ") is checked, but this version does not act on it";
}

bool Host::has(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool Host::owns(const IpAddr& address) const {
  return std::any_of(nics.begin(), nics.end(), [&](const Nic& nic) {
    return std::any_of(nic.addresses.begin(), nic.addresses.end(),
                       [&](const Prefix& own) { return own.addr == address; });
  });
}

const Host* Profile::host(std::string_view wanted) const {
  const auto found = std::find_if(hosts.begin(), hosts.end(),
                                  [&](const Host& host) { return host.name == wanted; });
  return found == hosts.end() ? nullptr : &*found;
}

}  // namespace lvs::profiles
