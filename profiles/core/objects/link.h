#pragma once

#include <cstdint>
#include <string>

#include "net/wire/addr.h"

namespace lvs::profiles {

/// The kernel's tunnel devices that take packets out of a tunnel. The outer family is that of
/// `local`.
enum class TunnelKind : std::uint8_t {
  Ipip,    ///< IPv4 in IPv4
  Sit,     ///< IPv6 in IPv4
  Ip6tnl,  ///< IPv4 or IPv6 in IPv6 (mode any)
};

/// A tunnel device that decapsulates what is sent to `local`, from any remote address.
struct TunnelFact {
  std::string link;
  TunnelKind kind = TunnelKind::Ipip;
  IpAddr local{};     ///< unspecified: any (tunl0 and its kin)
  std::string alias;  ///< IFLA_IFALIAS, the mark of ownership: "lvskit:NAME:tunnel"
  friend bool operator==(const TunnelFact&, const TunnelFact&) = default;
};

/// A link that is administratively up. Making it sets the link up, taking it back sets it down: for
/// links that are there but down (tunl0), which we use and did not make.
struct UpFact {
  std::string link;
  friend bool operator==(const UpFact&, const UpFact&) = default;
};

/// "ipip", "sit", "ip6tnl": IFLA_INFO_KIND.
std::string to_string(TunnelKind kind);

std::string describe(const TunnelFact& tunnel);
std::string identity(const TunnelFact& tunnel);
bool same_place(const TunnelFact& a, const TunnelFact& b);
bool is_as_made(const TunnelFact& present, const TunnelFact& made);
bool serves(const TunnelFact& present, const TunnelFact& wanted);

std::string describe(const UpFact& up);
std::string identity(const UpFact& up);
bool same_place(const UpFact& a, const UpFact& b);
bool is_as_made(const UpFact& present, const UpFact& made);
bool serves(const UpFact& present, const UpFact& wanted);

}  // namespace lvs::profiles
