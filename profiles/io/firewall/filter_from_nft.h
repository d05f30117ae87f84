#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/linux/nft_rule.h"
#include "net/linux/nft_ruleset.h"
#include "profiles/core/objects/filter.h"

namespace lvs::profiles {

/// What a rule has beyond its own expressions.
struct NftContext {
  /// A set's elements; nullopt: not understood.
  std::function<std::optional<std::vector<linux_net::NftElement>>(const std::string& set)> elements;
  /// A link's name by its number; empty: there is none.
  std::function<std::string(std::uint32_t index)> link_name;
};

/// The rule as far as we understand it: one value, or, when it ends in a verdict map, one for each
/// of the map's elements.
std::vector<FilterRule> filter_rules(const linux_net::NftRule& rule, const NftContext& context);

/// The comment, whether nft or iptables wrote it.
std::string comment_of(const linux_net::NftRule& rule);

}  // namespace lvs::profiles
