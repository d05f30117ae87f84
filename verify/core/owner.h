#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/wire/addr.h"
#include "verify/core/known_hosts.h"
#include "verify/core/report.h"

// Who owns a virtual address: judged from every ARP frame that claimed it in one window, not from
// the first answer (which is all that a client's own ARP cache would show).

namespace lvs::verify {

/// In which way a frame said "this address is mine".
enum class ClaimKind : std::uint8_t {
  ReplyToOwn,    ///< answered who-has from our own address
  ReplyToZero,   ///< answered who-has from 0.0.0.0 (duplicate address detection, RFC 5227)
  Request,       ///< asked for another address with the VIP as sender (arp_announce too low)
  Announcement,  ///< gratuitous: sender and target are the VIP
};

/// One ARP frame whose sender protocol address was the VIP.
struct Claim {
  MacAddr mac{};  ///< sender hardware address
  ClaimKind kind = ClaimKind::ReplyToOwn;
};

/// What is known of a real server's own settings, where somebody could look (the lab can). The wire
/// alone cannot tell why a server answers.
struct ArpState {
  int ignore_all = 0;  ///< net/ipv4/conf/all/arp_ignore …
  int ignore_nic = 0;
  int ignore_lo = 0;
  bool vip_on_nic = false;  ///< the VIP is an address of the NIC and not of lo
};

/// Everything that was seen about one VIP.
struct OwnerEvidence {
  Ipv4Addr vip{};
  unsigned asked_as_own = 0;   ///< who-has sent from this host's address
  unsigned asked_as_zero = 0;  ///< who-has sent from 0.0.0.0
  std::vector<Claim> claims;
  std::vector<std::string> directors;      ///< hosts that may own the VIP
  std::vector<MacAddr> allowed_macs;       ///< proxy ARP and virtual MACs that the profile accepts
  std::map<std::string, ArpState> states;  ///< by host name; empty: nobody looked
};

/// One Ethernet address that claimed the VIP, its frames counted.
struct Claimant {
  MacAddr mac{};
  std::optional<KnownMac> who;
  std::optional<ArpState> state;
  unsigned replies_to_own = 0;
  unsigned replies_to_zero = 0;
  unsigned requests = 0;
  unsigned announcements = 0;

  unsigned replies() const { return replies_to_own + replies_to_zero; }
  /// The profile's name of the host, or its Ethernet address.
  std::string name() const;
};

/// Everybody who claimed the VIP, in the order of their first frame.
std::vector<Claimant> claimants(const OwnerEvidence& seen, const KnownHosts& hosts);

/// One passed check "owner" when a director answered, and nobody else but allowed addresses; else
/// one failed check for each host that claims the VIP wrongly (table in owner_rules.h).
std::vector<Check> judge_owner(const OwnerEvidence& seen, const KnownHosts& hosts);

}  // namespace lvs::verify
