#pragma once

#include <map>
#include <string>

namespace lvs::profiles {

/// IPv6 forwarding switched on for the whole namespace, for kernels that know no force_forwarding
/// per interface. Writing `all` overwrites `forwarding` of every interface, both ways (measured),
/// so the object carries every value from before and puts each back.
struct Forward6Fact {
  std::map<std::string, std::string> before;  ///< net/ipv6/conf/*/forwarding: key to value
  friend bool operator==(const Forward6Fact&, const Forward6Fact&) = default;
};

std::string describe(const Forward6Fact& forwarding);
std::string identity(const Forward6Fact& forwarding);
bool same_place(const Forward6Fact& a, const Forward6Fact& b);
bool is_as_made(const Forward6Fact& present, const Forward6Fact& made);
bool serves(const Forward6Fact& present, const Forward6Fact& wanted);

}  // namespace lvs::profiles
