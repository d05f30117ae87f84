#pragma once

#include <string>

#include "net/linux/nft_rule.h"
#include "net/linux/nftables.h"

namespace lvs::linux_net {

/// meta l4proto . ip daddr . th dport @SET  counter drop  (IPv6: ip6 daddr)
/// A later fragment has no port and does not match.
NftnlRule drop_services_rule(const RulePlace& place, Family family, const std::string& set);

/// ip daddr @SET  ip frag-off & 0x3fff != 0  counter drop  (IPv6: exthdr frag exists)
/// More-fragments or an offset: the first and every later fragment.
NftnlRule drop_fragments_rule(const RulePlace& place, Family family, const std::string& set);

/// meta l4proto . ip saddr . th sport @SET  ip daddr != @OWN  counter drop
NftnlRule drop_replies_rule(const RulePlace& place, Family family, const ReplySets& sets);

}  // namespace lvs::linux_net
