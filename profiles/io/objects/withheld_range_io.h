#pragma once

#include <optional>
#include <string>

#include "net/linux/nft_rule.h"
#include "profiles/core/objects/withholding.h"

namespace lvs::profiles {

/// Where the rule of a range stands, and the set of the host's own addresses that it may ask.
struct RangePlace {
  std::string table;
  std::string chain;
  std::string comment;
  std::string own;
};

/// The range as a rule that counts and drops, such as
///   ip daddr 192.168.1.99 tcp dport 1024-65535 counter drop
linux_net::NftRule compiled(const WithheldRange& range, const RangePlace& place);

/// The range that a rule is for, when it is exactly as compiled() makes it.
std::optional<WithheldRange> range_of(const linux_net::NftRule& rule, const RangePlace& place,
                                      const std::string& link);

}  // namespace lvs::profiles
