#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/wire/addr.h"

namespace lvs {

/// Text forms of addresses, as people write them. Every parser takes the whole text or nothing: no
/// spaces, no leading zeros in IPv4 octets, no zone index.
std::string to_string(Ipv4Addr addr);
std::string to_string(const Ipv6Addr& addr);  ///< RFC 5952: lower case, the longest run as "::"
std::string to_string(const IpAddr& addr);
std::string to_string(const Prefix& prefix);  ///< "192.168.1.91/24"
std::string to_string(const MacAddr& mac);    ///< "02:00:00:00:00:01"
/// "tcp", "udp", "sctp", "icmp"…; the number where it has no name here.
std::string to_string(Protocol protocol);

std::optional<Ipv4Addr> parse_ipv4(std::string_view text);
std::optional<Ipv6Addr> parse_ipv6(std::string_view text);
std::optional<IpAddr> parse_ip(std::string_view text);
/// "ADDRESS/LENGTH"; the length is required and at most addr.bits().
std::optional<Prefix> parse_prefix(std::string_view text);
std::optional<MacAddr> parse_mac(std::string_view text);

}  // namespace lvs
