#pragma once

#include <set>
#include <string>
#include <vector>

#include "profiles/core/objects/withholding.h"
#include "profiles/core/profile.h"

namespace lvs::profiles {

/// Which packets a director's services have, in the words of the rules that withhold them.
struct Withheld {
  std::set<WithheldService> services;
  std::set<WithheldService> replies;  ///< of nat servers
  std::set<WithheldRange> ranges;     ///< one without a link: at each that withholds
};

/// Of all services that `host` forwards.
Withheld withheld_by(const Profile& profile, const Host& host);

/// Services that would take every packet to an address that is the host's own anyway, each as a
/// sentence: nobody could reach the host itself there any more.
std::vector<std::string> cuts_host_off(const Profile& profile, const Host& host);

/// What a person should know of what is withheld.
std::vector<std::string> notes_on_withheld(const Profile& profile, const Host& host);

}  // namespace lvs::profiles
