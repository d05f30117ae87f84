#include "profiles/core/objects/forwarding.h"

namespace lvs::profiles {

std::string describe(const Forward6Fact& /*forwarding*/) {
  return "IPv6 forwarding on every interface (net.ipv6.conf.all.forwarding = 1)";
}

std::string identity(const Forward6Fact& /*forwarding*/) { return "all"; }
// There is one such switch: what was before it is for the way back only.
bool same_place(const Forward6Fact& /*a*/, const Forward6Fact& /*b*/) { return true; }
bool is_as_made(const Forward6Fact& /*present*/, const Forward6Fact& /*made*/) { return true; }
bool serves(const Forward6Fact& /*present*/, const Forward6Fact& /*wanted*/) { return true; }

}  // namespace lvs::profiles
