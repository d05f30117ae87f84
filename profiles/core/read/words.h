#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "profiles/core/profile.h"

// Small languages inside a profile's texts. Every parser takes the whole text or nothing.

namespace lvs::profiles::reading {

/// IFNAMSIZ - 1: the kernel's limit for interface names and for address labels.
inline constexpr std::size_t kMaxInterfaceName = 15;

/// A whole decimal number without sign, at most 18 digits.
std::optional<std::int64_t> parse_number(std::string_view text);
/// A number and a unit: us, ms, s, m, h or d. At most a hundred years.
std::optional<std::chrono::microseconds> parse_duration(std::string_view text);
/// The shortest text that parse_duration() reads back as this.
std::string duration_text(std::chrono::microseconds length);
/// "80" or "8000-8010", the first not above the last.
std::optional<PortRange> parse_port_range(std::string_view text);

/// "192.168.1.91:80", "[fd00::91]:80" or "rs1:80".
struct Endpoint {
  std::string host;  ///< without brackets
  Port port{};
};
/// The host part is an address or a host's name; the port is 1 to 65535.
std::optional<Endpoint> parse_endpoint(std::string_view text);

/// True for a host's name: letters, digits, '-', '_' and '.', 1 to 63, not an address.
bool is_host_name(std::string_view text);
/// True for what the kernel accepts as an interface name (dev_valid_name): 1 to 15 bytes, no
/// slash, colon or space, not "." or "..".
bool is_interface_name(std::string_view text);

/// A sysctl's name with slashes, from either of sysctl(8)'s forms: where the first separator is a
/// dot, dots separate and a slash stands for a dot in a name ("net.ipv4.conf.eth0/100.rp_filter").
/// Nullopt when it does not begin with net/ (anything else belongs to the whole machine) or has an
/// empty or dotted part that would leave the tree.
std::optional<std::string> parse_sysctl_name(std::string_view text);

/// The text in quotes for a message: printable, and cut when it is long.
std::string quote_text(std::string_view text);

}  // namespace lvs::profiles::reading
