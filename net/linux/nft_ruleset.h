#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.h"
#include "net/linux/nft_rule.h"

// What nf_tables holds, whoever made it.

namespace lvs::linux_net {

struct NftTableInfo {
  std::uint8_t family = 0;
  std::string name;
  std::string comment;
  bool owned = false;  ///< by a socket: nobody else may write to it
};

struct NftChainInfo {
  std::uint8_t family = 0;
  std::string table;
  std::string name;
  bool is_base = false;
  std::string type;  ///< of a base chain, like the next three
  std::uint32_t hook = 0;
  std::int32_t priority = 0;
  std::uint32_t policy = 1;  ///< NF_ACCEPT, NF_DROP
};

/// An element of a set or map of single values, or of intervals: from `first` to `last`.
struct NftElement {
  std::vector<std::uint8_t> first;
  std::vector<std::uint8_t> last;
  std::optional<std::int32_t> verdict{};  ///< of a verdict map
  std::string chain{};                    ///< that it jumps to
};

struct NftRuleset {
  std::vector<NftTableInfo> tables;
  std::vector<NftChainInfo> chains;
  std::vector<NftRule> rules;  ///< in the order of each chain
};

/// Everything but sets. A kernel without nf_tables gives EOPNOTSUPP.
Result<NftRuleset> read_nft_ruleset();
/// True when reading failed because there is nothing to be seen: no nf_tables in this kernel, or
/// not for this process (CAP_NET_ADMIN).
bool nft_cannot_be_seen(const Error& error);

/// The elements of a set; nullopt for one that is not made of plain values or intervals (a
/// concatenation of intervals).
Result<std::optional<std::vector<NftElement>>> read_nft_set(std::uint8_t family,
                                                            std::string_view table,
                                                            std::string_view set);

}  // namespace lvs::linux_net
