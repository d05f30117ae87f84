#pragma once

#include <string>

#include "profiles/core/objects/firewall.h"

namespace lvs::profiles {

/// What an operator runs to let `match` pass a chain that we may not write to (its table has an
/// owner, or a manager rebuilds it and would drop our rule: firewalld). Empty: we may write to it.
std::string command_for(const FirewallChain& chain, const PacketMatch& match);

}  // namespace lvs::profiles
