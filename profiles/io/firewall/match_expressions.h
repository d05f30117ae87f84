#pragma once

#include <vector>

#include "net/linux/nft_rule.h"
#include "profiles/core/objects/firewall.h"

namespace lvs::profiles {

/// `match` in nf_tables' expressions, without verdict, for a chain of a table of this family: what
/// nft prints as a person would write it. For iptables-nft only what iptables can show: there a
/// connection's state is x_tables' own match.
std::vector<linux_net::NftExpression> expressions_of(const PacketMatch& match, NftFamily family,
                                                     FirewallKind kind);

}  // namespace lvs::profiles
