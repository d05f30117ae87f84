#pragma once

#include <string>
#include <vector>

#include "profiles/core/desired.h"
#include "profiles/core/step.h"

// Programs that believe the network is theirs. They take away what they did not make, and `apply`
// cannot stop them; it can say so before, and name the likely culprit after.

namespace lvs::profiles {

enum class Manager : std::uint8_t { Networkd, NetworkManager, Firewalld, Ufw, Docker, Nftables };

/// One that is at work in this network namespace, and how we know.
struct FoundManager {
  Manager manager = Manager::Networkd;
  std::string seen;  ///< "process 812", "its chains are in this namespace"
  friend bool operator==(const FoundManager&, const FoundManager&) = default;
};

std::string to_string(Manager manager);  ///< "systemd-networkd"

/// What each of them will do to what the host should have, and how it is stopped. Managers that
/// nothing of this host concerns are silent.
std::vector<std::string> advice(const std::vector<FoundManager>& found, const Desired& desired);

/// Who probably took this away, as the end of a sentence; empty: nobody comes to mind. `missing` is
/// the step that would bring it back.
std::string suspect(const std::vector<FoundManager>& found, const Step& missing);

}  // namespace lvs::profiles
