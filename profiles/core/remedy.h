#pragma once

#include <string>
#include <vector>

#include "profiles/core/objects/firewall.h"

namespace lvs::profiles {

/// What an operator does to let `match` pass a chain that we may not write to (its table has an
/// owner, a manager rebuilds it and would drop our rule (firewalld), or the program that writes to
/// it is not here): "run `firewall-cmd …`". Empty: we may write to it.
std::string command_for(const FirewallChain& chain, const PacketMatch& match);

/// What an operator should know of a rule of ours in this chain; empty: nothing.
std::string advice_for(const FirewallChain& chain, const PacketMatch& match);

/// The words of an iptables rule for `match`: "-p 4 -s 192.168.1.90/32".
std::vector<std::string> iptables_words(const PacketMatch& match);

}  // namespace lvs::profiles
