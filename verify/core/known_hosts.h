#pragma once

#include <string>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/profile.h"

namespace lvs::verify {

/// An Ethernet address that is known to be a host of the profile, because that host's own address
/// (DIP, RIP …) was asked for by ARP and this is who answered.
struct KnownMac {
  MacAddr mac{};
  std::string host;
  std::vector<profiles::Role> roles;

  bool has(profiles::Role role) const;
};

/// Whose Ethernet addresses they are, as far as the profile can tell.
class KnownHosts {
 public:
  void add(KnownMac known);
  /// Who has this address; null: nobody that the profile knows.
  const KnownMac* find(const MacAddr& mac) const;
  /// True when at least one address of this host was learned.
  bool knows(const std::string& host) const;
  /// "rs1 (real server, 02:4c:56:00:01:00)"; "a host that the profile does not know (…)".
  std::string describe(const MacAddr& mac) const;

 private:
  std::vector<KnownMac> macs_;
};

/// "director", "real server", "director and real server" …
std::string role_text(const std::vector<profiles::Role>& roles);

}  // namespace lvs::verify
