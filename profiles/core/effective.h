#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/core/snapshot.h"

// The kernel does not use an interface's sysctl as it stands: it combines `conf/all` with `conf/IF`
// (include/linux/inetdevice.h). What counts is the result, so that is what we check and read back.

namespace lvs::profiles {

/// How `all` and the interface's own value are combined.
enum class Combine : std::uint8_t {
  Max,  ///< arp_ignore, arp_announce, rp_filter
  Or,   ///< send_redirects: 0 only when both are 0
};

/// What the effective value of one setting on one interface must be.
struct EffectiveRule {
  std::string link;
  std::string setting;  ///< "arp_ignore"
  Combine combine = Combine::Max;
  std::vector<std::string> accepted;
  std::string why;
  friend bool operator==(const EffectiveRule&, const EffectiveRule&) = default;
};

/// "net/ipv4/conf/LINK/SETTING"
std::string conf_key(std::string_view link, std::string_view setting);

/// What the kernel uses; nullopt when a key is missing or is no number.
std::optional<std::string> effective_value(const EffectiveRule& rule, const Snapshot& snapshot);

bool is_accepted(const std::vector<std::string>& accepted, const std::string& value);

/// "effective arp_ignore on eth0 is 0 (all 0, eth0 0), must be 1 or 2"; "unknown" where it is.
std::string describe(const EffectiveRule& rule, const Snapshot& snapshot);
/// "1 or 2"
std::string list_of(const std::vector<std::string>& accepted);

}  // namespace lvs::profiles
