#pragma once

#include <optional>

#include "net/linux/nft_change.h"
#include "net/linux/nft_rule.h"
#include "profiles/core/objects/nft_table.h"

namespace lvs::profiles {

/// The base chain for rules of this kind; nullopt for an unknown rule.
std::optional<linux_net::NftBaseChain> base_chain_for(const OwnRule& rule);

/// The rule in nf_tables' expressions, with its counter and its comment.
linux_net::NftRule compiled(const OwnTable& table, const OwnRule& rule);

/// What a rule of a table of ours says: exactly a rule as we compile it, counters aside, or an
/// UnknownRule.
OwnRule read_back(const OwnTable& table, const linux_net::NftRule& rule);

}  // namespace lvs::profiles
