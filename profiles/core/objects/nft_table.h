#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/objects/packet_match.h"

namespace lvs::profiles {

/// nf_tables' families (NFPROTO_*).
enum class NftFamily : std::uint8_t { Inet = 1, Ip = 2, Arp = 3, Netdev = 5, Ip6 = 10 };

// What a rule of a table of ours does. Which base chain it stands in follows from its kind.

/// nat postrouting (priority 100): connections that servers open themselves leave with the address
/// of the outside NIC.
struct MasqueradeRule {
  Prefix source{};
  std::string out_link;
  friend bool operator==(const MasqueradeRule&, const MasqueradeRule&) = default;
};
/// filter input or forward (priority -10): documents what is needed. An accept here does not
/// overrule a drop of another chain on the hook; for that there is ForeignRule.
struct AcceptRule {
  Hook hook = Hook::Input;
  PacketMatch match;
  friend bool operator==(const AcceptRule&, const AcceptRule&) = default;
};
/// arp input: drops who-has for the VIP.
struct ArpDropRequest {
  Ipv4Addr vip{};
  friend bool operator==(const ArpDropRequest&, const ArpDropRequest&) = default;
};
/// arp output: our own requests that carry the VIP as their sender carry the RIP instead; dropping
/// them would cut the host off.
struct ArpRewriteSender {
  Ipv4Addr vip{};
  Ipv4Addr rip{};
  std::string out_link;
  friend bool operator==(const ArpRewriteSender&, const ArpRewriteSender&) = default;
};
/// arp output: drops replies that claim the VIP.
struct ArpDropReply {
  Ipv4Addr vip{};
  friend bool operator==(const ArpDropReply&, const ArpDropReply&) = default;
};
/// A rule that was read back and is none of those, or was changed: `text` is libnftnl's.
struct UnknownRule {
  std::string text;
  friend bool operator==(const UnknownRule&, const UnknownRule&) = default;
};
using OwnRule = std::variant<MasqueradeRule, AcceptRule, ArpDropRequest, ArpRewriteSender,
                             ArpDropReply, UnknownRule>;

/// An nf_tables table of ours that is not of family netdev: made and removed whole.
struct OwnTable {
  NftFamily family = NftFamily::Inet;
  std::string name;     ///< "lvskit_NAME"
  std::string comment;  ///< "lvskit:NAME:WHAT"
  std::vector<OwnRule> rules;
  friend bool operator==(const OwnTable&, const OwnTable&) = default;
};

std::string to_string(NftFamily family);  ///< "ip6"
/// The base chain that a rule of this kind stands in: "postrouting", "input" … Empty: unknown.
std::string chain_of(const OwnRule& rule);
/// "lvskit:NAME:masquerade": the comment that nft shows beside the rule.
std::string comment_for(const OwnTable& table, const OwnRule& rule);
std::string describe(const OwnRule& rule);
std::string describe(const OwnTable& table);
std::string identity(const OwnTable& table);
bool same_place(const OwnTable& a, const OwnTable& b);
bool is_as_made(const OwnTable& present, const OwnTable& made);
bool serves(const OwnTable& present, const OwnTable& wanted);

}  // namespace lvs::profiles
