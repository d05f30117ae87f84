#pragma once

#include <libnftnl/rule.h>

#include <memory>
#include <string>
#include <string_view>

namespace lvs::linux_net {

struct FreeRule {
  void operator()(nftnl_rule* rule) const { nftnl_rule_free(rule); }
};
using Rule = std::unique_ptr<nftnl_rule, FreeRule>;

/// Where a rule goes, and what nft shows beside it.
struct RulePlace {
  std::uint8_t family = 0;
  std::string table;
  std::string chain;
  std::string comment;
};

/// meta protocol ip  meta l4proto . ip daddr . th dport @SET  counter drop
/// A later fragment has no port and does not match.
Rule drop_services_rule(const RulePlace& place, const std::string& set);

/// meta protocol ip  ip daddr @SET  ip frag-off & 0x3fff != 0  counter drop
/// More-fragments or an offset: the first and every later fragment.
Rule drop_fragments_rule(const RulePlace& place, const std::string& set);

}  // namespace lvs::linux_net
