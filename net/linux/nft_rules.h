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
NftnlRule drop_replies_rule(const RulePlace& place, Family family, const std::string& replies,
                            const std::string& own);

/// ip saddr @SERVERS  ip frag-off & 0x3fff != 0  ip daddr != @OWN  counter drop
NftnlRule drop_server_fragments_rule(const RulePlace& place, Family family,
                                     const std::string& servers, const std::string& own);

/// ICMP errors about packets to a server; they go to clients, and whoever sent them quotes the
/// server:  icmp type 3-11  @th,192,32 SERVER  ip daddr != @OWN  counter drop
/// (IPv6: icmpv6 type 1-4  @th,256,128 SERVER)
NftnlRule drop_quoting_rule(const RulePlace& place, const IpAddr& server, const std::string& own);

}  // namespace lvs::linux_net
